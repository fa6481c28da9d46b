#include "features/files/comments.h"

#include <algorithm>

#include "features/files/change.h"
#include "features/files/internal/fixture.h"
#include "features/files/trash.h"
#include "features/notices/activity.h"
#include "features/notices/notifications.h"

namespace essaim::files {
namespace {

class CommentsTest : public internal::SpaceFixture {
 protected:
  void SetUp() override {
    SpaceFixture::SetUp();
    ASSERT_TRUE(put_text({"a.txt"}, "one"));
    node_ = at({"a.txt"})->id;
  }

  Result<Comment> add(std::string_view message) {
    return add_comment(*tx_, caller_, place_, node_, message);
  }
  std::vector<std::string> all(const CommentPage& page = {}) {
    std::vector<std::string> out;
    auto found = comments(*tx_, caller_, place_, node_, page);
    for (const auto& each : *found) out.push_back(each.message);
    return out;
  }
  // As if marc had written it: nobody but lea reaches her files.
  void written_by(CommentId comment, MemberId author) {
    tx_->execute(R"sql(UPDATE comment SET member_id = ? WHERE id = ?)sql", author, comment);
  }

  NodeId node_;
};

using Messages = std::vector<std::string>;

TEST_F(CommentsTest, CommentsAreListedNewestFirst) {
  ASSERT_TRUE(add("  first "));
  wait(60);
  auto second = add("second");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->author, caller_.member);
  EXPECT_EQ(second->created, now_);
  EXPECT_EQ(all(), (Messages{"second", "first"}));
  EXPECT_EQ(all({.limit = 1, .skip = 1, .after = std::nullopt}), (Messages{"first"}));
  EXPECT_EQ(all({.limit = 9, .skip = 0, .after = Instant{now_.ms - 1}}), (Messages{"second"}));
  EXPECT_EQ(find_comment(*tx_, caller_, place_, node_, second->id)->message, "second");
  EXPECT_EQ(find_comment(*tx_, caller_, place_, place_.root, second->id).error().code,
            Code::not_found);
}

TEST_F(CommentsTest, ACommentHasItsLengthInCharacters) {
  std::string full;
  for (std::size_t i = 0; i < kCommentMax; ++i) full += "é";
  EXPECT_TRUE(add(full));
  EXPECT_EQ(add(full + "e").error().code, Code::bad_request);
  EXPECT_EQ(add("   ").error().code, Code::bad_request);
  EXPECT_EQ(add("\xff").error().code, Code::bad_request);
  EXPECT_EQ(add(std::string_view("a\0b", 3)).error().code, Code::bad_request);
}

TEST_F(CommentsTest, ANodeHasAHighestNumberOfThem) {
  for (int i = 0; i < kCommentsPerNodeMax; ++i) ASSERT_TRUE(add("x"));
  EXPECT_EQ(add("x").error().code, Code::too_large);
}

TEST_F(CommentsTest, OnlyTheAuthorChangesIt) {
  auto mine = *add("mine");
  auto theirs = *add("theirs");
  auto marc = member("marc");
  written_by(theirs.id, marc.member);
  EXPECT_EQ(edit_comment(*tx_, caller_, place_, node_, theirs.id, "x").error().code,
            Code::forbidden);
  EXPECT_EQ(edit_comment(*tx_, caller_, place_, node_, mine.id, "").error().code,
            Code::bad_request);
  ASSERT_TRUE(edit_comment(*tx_, caller_, place_, node_, mine.id, "changed"));
  EXPECT_EQ(all(), (Messages{"theirs", "changed"}));
  ASSERT_TRUE(remove_comment(*tx_, caller_, place_, node_, mine.id));
  EXPECT_EQ(remove_comment(*tx_, caller_, place_, node_, mine.id).error().code, Code::not_found);
  EXPECT_EQ(all(), (Messages{"theirs"}));
}

TEST_F(CommentsTest, TheAuthorAndWhoeverManagesTheNodeRemoveIt) {
  auto marc = member("marc");
  auto nour = member("nour");
  share({"a.txt"}, marc, access::kEdit);
  share({"a.txt"}, nour, access::kEdit);
  auto remove_as = [&](const access::Caller& who, CommentId comment) {
    return remove_comment(*tx_, who, {who.home}, node_, comment).error().code;
  };
  auto by_marc = *add_comment(*tx_, marc, {marc.home}, node_, "@nour?");
  auto by_lea = *add("by lea");
  ASSERT_EQ(notices::notifications(*tx_, nour.member).size(), 1u);
  EXPECT_EQ(remove_as(nour, by_marc.id), Code::forbidden) << "editing is not managing";
  EXPECT_EQ(remove_as(marc, by_lea.id), Code::forbidden);
  EXPECT_TRUE(remove_comment(*tx_, caller_, place_, node_, by_marc.id));
  EXPECT_EQ(all(), (Messages{"by lea"}));
  EXPECT_TRUE(notices::notifications(*tx_, nour.member).empty()) << "with what it told";
}

TEST_F(CommentsTest, TheManagersOfAGroupRemoveWhatIsSaidInItsFolder) {
  auto group = create_group(*tx_, "voile", "Voile");
  ASSERT_TRUE(group);
  auto marc = member("marc");
  join_group(*tx_, group->id, caller_.member, members::Manager::no);
  join_group(*tx_, group->id, marc.member, members::Manager::yes);
  caller_ = again(caller_);
  marc = again(marc);
  ASSERT_TRUE(put_text({"Voile", "b.txt"}, "two"));
  auto file = at({"Voile", "b.txt"})->id;
  auto by_lea = *add_comment(*tx_, caller_, place_, file, "by lea");
  auto by_marc = *add_comment(*tx_, marc, {marc.home}, file, "by marc");
  EXPECT_EQ(remove_comment(*tx_, caller_, place_, file, by_marc.id).error().code, Code::forbidden);
  EXPECT_TRUE(remove_comment(*tx_, marc, {marc.home}, file, by_lea.id));
}

TEST_F(CommentsTest, WhoDoesNotSeeTheNodeSeesNoComment) {
  auto comment = *add("mine");
  auto marc = member("marc");
  auto his = *access::files_of(marc, "marc");
  EXPECT_EQ(add_comment(*tx_, marc, his, node_, "x").error().code, Code::not_found);
  EXPECT_EQ(comments(*tx_, marc, his, node_, {}).error().code, Code::not_found);
  EXPECT_EQ(edit_comment(*tx_, marc, his, node_, comment.id, "x").error().code, Code::not_found);
  EXPECT_EQ(remove_comment(*tx_, marc, his, node_, comment.id).error().code, Code::not_found);
  EXPECT_EQ(mark_read(*tx_, marc, his, node_, now_).error().code, Code::not_found);
}

TEST_F(CommentsTest, WhatOthersWroteIsUnreadUntilItIsMarked) {
  auto marc = member("marc");
  ASSERT_TRUE(add("mine"));
  auto first = *add("first");
  written_by(first.id, marc.member);
  wait(60);
  auto second = *add("second");
  written_by(second.id, marc.member);
  second.author = marc.member;
  auto counts = [&] { return count_comments(*tx_, caller_, {node_, place_.root})[node_.value]; };
  EXPECT_EQ(counts().all, 3);
  EXPECT_EQ(counts().unread, 2);
  ASSERT_TRUE(mark_read(*tx_, caller_, place_, node_, first.created));
  EXPECT_EQ(read_marker(*tx_, caller_, node_), first.created);
  EXPECT_EQ(counts().unread, 1);
  EXPECT_TRUE(is_unread(second, caller_, first.created));
  ASSERT_TRUE(mark_read(*tx_, caller_, place_, node_, now_));
  EXPECT_EQ(counts().unread, 0);
  EXPECT_FALSE(is_unread(second, caller_, now_));
  EXPECT_TRUE(count_comments(*tx_, caller_, {place_.root}).empty());
  EXPECT_TRUE(count_comments(*tx_, caller_, {}).empty());
}

TEST_F(CommentsTest, ACommentChangesNoEtagAndIsAnActivity) {
  auto before = at({})->seq;
  ASSERT_TRUE(add("hello"));
  EXPECT_EQ(at({})->seq, before);
  auto rows = notices::activity(*tx_, {});
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows[0].event.type, notices::Type::comments);
  EXPECT_EQ(rows[0].event.node, node_);
  EXPECT_EQ(rows[0].event.actor, caller_.member);
}

TEST_F(CommentsTest, WhoIsMentionedAndSeesNothingIsNotTold) {
  auto marc = member("marc");
  ASSERT_TRUE(add("@marc and @lea, look"));
  EXPECT_TRUE(notices::notifications(*tx_, marc.member).empty());
  EXPECT_TRUE(notices::notifications(*tx_, caller_.member).empty());
}

TEST_F(CommentsTest, WhatToldOfThemGoesWithTheirNode) {
  auto marc = member("marc");
  share({"a.txt"}, marc, {.read = true});
  ASSERT_TRUE(add("@marc, look"));
  auto told = [&] {
    return std::ranges::count(notices::notifications(*tx_, marc.member), kCommentObject,
                              [](const auto& each) { return each.about.object_type; });
  };
  EXPECT_EQ(told(), 1);
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"a.txt"}));
  EXPECT_EQ(told(), 1) << "it may come back from the bin";
  ASSERT_TRUE(empty_bin(*tx_, caller_));
  while (purge(*tx_, *blobs_, 10) > 0) {
  }
  EXPECT_EQ(told(), 0);
}

TEST_F(CommentsTest, TheyGoWithTheirNode) {
  ASSERT_TRUE(add("hello"));
  tx_->execute(R"sql(DELETE FROM version WHERE node_id = ?)sql", node_);
  tx_->execute(R"sql(DELETE FROM node WHERE id = ?)sql", node_);
  EXPECT_TRUE(count_comments(*tx_, caller_, {node_}).empty());
}

class Mentions : public testing::Test {
 protected:
  std::string in(std::string_view message) {
    std::string out;
    for (const auto* each : mentioned(message, people_)) out += each->uid + ",";
    return out;
  }
  static members::Member person(std::string uid) {
    members::Member out;
    out.uid = std::move(uid);
    return out;
  }
  std::vector<members::Member> people_{person("lea"), person("marc.b"), person("nour b"),
                                       person("z.")};
};

TEST_F(Mentions, NamesAreFoundWithoutCaseAndOnce) {
  EXPECT_EQ(in("@lea"), "lea,");
  EXPECT_EQ(in("Bonjour @Lea, et @marc.b : @lea"), "lea,marc.b,");
  EXPECT_EQ(in("(@lea)"), "lea,");
  EXPECT_EQ(in("@lea.\n@z."), "lea,z.,");
  EXPECT_EQ(in("voir @\"nour b\"."), "nour b,");
}

TEST_F(Mentions, WhatIsNoNameIsNone) {
  EXPECT_EQ(in(""), "");
  EXPECT_EQ(in("@"), "");
  EXPECT_EQ(in("@nobody @leah @\"lea"), "");
  EXPECT_EQ(in("écrire à contact@lea ou é@lea"), "");
  EXPECT_EQ(in("@@lea"), "");
  EXPECT_EQ(in("@nour b"), "");
}

TEST_F(Mentions, AMessageNamesSoManyAndNoMore) {
  std::string message;
  people_.clear();
  for (int i = 0; i < 40; ++i) {
    people_.push_back(person("p" + std::to_string(i)));
    message += "@p" + std::to_string(i) + " ";
  }
  EXPECT_EQ(mentioned(message, people_).size(), kMentionsMax);
}

}  // namespace
}  // namespace essaim::files
