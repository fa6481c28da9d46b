#include "protocols/ocs/notice_texts.h"

#include <gtest/gtest.h>

namespace essaim::ocs {
namespace {

namespace json = boost::json;
using call::Language;
using notices::Event;
using notices::Type;

json::object everything() {
  return {{"user", rich_user("lea", "Léa")},
          {"file", {{"type", "file"}, {"id", "7"}, {"name", "b.txt"}}},
          {"oldfile", {{"type", "file"}, {"id", "7"}, {"name", "a.txt"}}},
          {"other", rich_user("marc", "Marc")}};
}

std::string said(const Event& event, Who who, bool to_reader, Language language) {
  return activity_sentence(event, who, to_reader, everything(), language).plain();
}

TEST(NoticeTexts, EveryEventHasASentenceInBothLanguages) {
  for (int type = 1; type <= static_cast<int>(Type::comments); ++type) {
    for (Who who : {Who::self, Who::other, Who::nobody}) {
      for (bool with : {false, true}) {
        for (bool to_reader : {false, true}) {
          if (to_reader && who == Who::self) continue;
          Event event{.type = static_cast<Type>(type),
                      .actor = {},
                      .node = {},
                      .parent = {},
                      .name = "b.txt",
                      .extra = {.other = with ? "marc" : "",
                                .group = {},
                                .old_name = with ? "a.txt" : "",
                                .label = {}},
                      .recipient = {}};
          for (Language language : {Language::french, Language::english}) {
            auto text = said(event, who, to_reader, language);
            EXPECT_NE(text, said({.type = static_cast<Type>(99),
                                  .actor = {},
                                  .node = {},
                                  .parent = {},
                                  .name = {},
                                  .recipient = {}},
                                 Who::nobody, false, language))
                << type << " " << static_cast<int>(who);
            EXPECT_NE(text.find("b.txt"), std::string::npos) << text;
            EXPECT_EQ(text.find('{'), std::string::npos) << text;
          }
        }
      }
    }
  }
}

TEST(NoticeTexts, ASentenceNamesWhatItSpeaksOfAndNothingElse) {
  Event event{.type = Type::file_moved,
              .actor = {},
              .node = {},
              .parent = {},
              .name = "b.txt",
              .extra = {.other = {}, .group = {}, .old_name = "a.txt", .label = {}},
              .recipient = {}};
  auto sentence = activity_sentence(event, Who::other, false, everything(), Language::english);
  EXPECT_EQ(sentence.rich, "{user} renamed {oldfile} to {file}");
  EXPECT_EQ(sentence.plain(), "Léa renamed a.txt to b.txt");
  EXPECT_EQ(sentence.parameters.size(), 3u);
  event.extra.old_name = "b.txt";
  EXPECT_EQ(said(event, Who::self, false, Language::french), "Vous avez déplacé b.txt");
}

TEST(NoticeTexts, BracesInNamesAndMessagesStayAsTheyAre) {
  auto parameters = everything();
  parameters["file"].as_object()["name"] = "{user}.txt";
  auto sentence = notification_sentence("comments", "mention", parameters, Language::english);
  EXPECT_EQ(sentence.plain(), "Léa mentioned you in a comment on {user}.txt");
  Sentence written{"Hello {user} {", {}};
  EXPECT_EQ(written.plain(), "Hello {user} {");
  EXPECT_TRUE(written.parameters_json().is_array());
}

TEST(NoticeTexts, WhatIsNotKnownHasWordsToo) {
  EXPECT_EQ(notification_sentence("deck", "x", everything(), Language::english).plain(),
            "There is news for you");
  EXPECT_EQ(action_label("accept", Language::french), "Accepter");
  EXPECT_EQ(action_label("dance", Language::french), "OK");
}

TEST(NoticeTexts, TimesHaveAnOffset) {
  EXPECT_EQ(offset_time(Instant{0}), "1970-01-01T00:00:00+00:00");
}

}  // namespace
}  // namespace essaim::ocs
