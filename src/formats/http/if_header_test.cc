#include "formats/http/if_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

namespace essaim::http {
namespace {

using testing::ElementsAre;
using Kind = IfCondition::Kind;

TEST(If, lists_without_a_tag_speak_of_the_request_itself) {
  auto header = parse_if("(<urn:uuid:1> [\"I am an ETag\"]) ( [W/\"b\"] )");
  ASSERT_TRUE(header);
  ASSERT_EQ(header->lists.size(), 2u);
  EXPECT_EQ(header->lists[0].resource, IfResource());
  EXPECT_THAT(header->lists[0].conditions,
              ElementsAre(IfCondition{Kind::token, false, "urn:uuid:1"},
                          IfCondition{Kind::etag, false, "\"I am an ETag\""}));
  EXPECT_THAT(header->lists[1].conditions, ElementsAre(IfCondition{Kind::etag, false, "W/\"b\""}));
}

TEST(If, a_tag_holds_for_all_lists_until_the_next) {
  auto header = parse_if("</a%20b> (<t:1>)(Not <t:2>) <http://Host:8080/c d%> ([\"e]\"])");
  ASSERT_TRUE(header);
  ASSERT_EQ(header->lists.size(), 3u);
  EXPECT_EQ(header->lists[0].resource, (IfResource{"", "/a%20b"}));
  EXPECT_EQ(header->lists[1].resource, (IfResource{"", "/a%20b"}));
  EXPECT_TRUE(header->lists[1].conditions[0].negated);
  EXPECT_EQ(header->lists[2].resource, (IfResource{"Host:8080", "/c d%"}));
  EXPECT_EQ(header->lists[2].conditions[0].value, "\"e]\"");
}

TEST(If, both_forms_of_the_desktop_client_are_read) {
  EXPECT_TRUE(parse_if("</remote.php/dav/files/u/a%20b> ([\"etag\"])"));
  auto absolute = parse_if("<https://voile.example/remote.php/dav/files/u/a b> ([\"etag\"])");
  ASSERT_TRUE(absolute);
  EXPECT_EQ(absolute->lists[0].resource.path, "/remote.php/dav/files/u/a b");
}

TEST(If, malformed_headers_are_refused) {
  for (auto header : {"",
                      " ",
                      "()",
                      "(",
                      ")",
                      "(<a>",
                      "(<>)",
                      "([])",
                      "([\"a)",
                      "([\"a\")",
                      "<a> (<b>)",
                      "</a>",
                      "</a> </b> (<c>)",
                      "(<a>) </b> (<c>)",
                      "(Not)",
                      "(Not Not <a>)",
                      "(a)",
                      "x(<a>)",
                      "(<a>) x",
                      "<ftp://h/a> (<b>)",
                      "<http:///a> (<b>)",
                      "<//h/a> (<b>)"}) {
    auto parsed = parse_if(header);
    ASSERT_FALSE(parsed) << header;
    EXPECT_EQ(parsed.error().code, Code::bad_request) << header;
  }
}

TEST(If, long_headers_and_many_lists_are_refused) {
  std::string lists;
  for (std::size_t i = 0; i <= kIfListsMax; ++i) lists += "(<a>)";
  EXPECT_EQ(parse_if(lists).error().code, Code::too_large);
  std::string conditions = "(";
  for (std::size_t i = 0; i <= kIfConditionsMax; ++i) conditions += "<a>";
  EXPECT_EQ(parse_if(conditions + ")").error().code, Code::too_large);
  EXPECT_EQ(parse_if("(<" + std::string(kIfBytesMax, 'a') + ">)").error().code, Code::too_large);
}

TEST(If, holds_when_one_list_holds_with_all_its_conditions) {
  std::map<std::string, IfState> there{{"", {"\"e1\"", {"t:1"}}}, {"/b", {"\"e2\"", {}}}};
  auto judge = [&](std::string_view header) {
    auto parsed = parse_if(header);
    EXPECT_TRUE(parsed) << header;
    return holds(*parsed, [&](const IfResource& resource) { return there[resource.path]; });
  };
  EXPECT_TRUE(judge("(<t:1>)"));
  EXPECT_TRUE(judge("(<t:1> [\"e1\"])"));
  EXPECT_TRUE(judge("(<t:1> [e1])"));
  EXPECT_FALSE(judge("(<t:1> [\"e2\"])"));
  EXPECT_TRUE(judge("(<t:9>) ([\"e1\"])"));
  EXPECT_TRUE(judge("(Not <DAV:no-lock>)"));
  EXPECT_FALSE(judge("(<DAV:no-lock>)"));
  EXPECT_TRUE(judge("</b> ([\"e2\"])"));
  EXPECT_FALSE(judge("</none> ([\"e2\"])"));
  EXPECT_TRUE(judge("</none> (Not [\"e2\"])"));
}

TEST(If, submitted_tokens_are_those_without_not) {
  auto header = parse_if("(<t:2> Not <t:3>) (<t:1>) (<t:2> [\"e\"])");
  ASSERT_TRUE(header);
  EXPECT_THAT(header->submitted_tokens(), ElementsAre("t:1", "t:2"));
}

std::string written(const IfHeader& header) {
  std::string text;
  for (const auto& list : header.lists) {
    if (!list.resource.path.empty()) text += "<" + list.resource.path + ">";
    text += "(";
    for (const auto& condition : list.conditions) {
      if (condition.negated) text += "Not ";
      text += condition.kind == Kind::token ? "<" + condition.value + ">"
                                            : "[\"" + condition.value + "\"]";
    }
    text += ")";
  }
  return text;
}

TEST(If, what_is_written_is_read_back) {
  EXPECT_TRUE(rc::check([] {
    IfHeader header;
    auto count = *rc::gen::inRange(1, 10);
    for (int i = 0; i < count; ++i) {
      IfList list{{"", "/p" + std::to_string(*rc::gen::inRange(0, 9))}, {}};
      auto conditions = *rc::gen::inRange(1, 5);
      for (int k = 0; k < conditions; ++k) {
        list.conditions.push_back(
            {*rc::gen::element(Kind::etag, Kind::token), *rc::gen::arbitrary<bool>(),
             *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'z')))});
      }
      header.lists.push_back(list);
    }
    auto read = parse_if(written(header));
    RC_ASSERT(read.has_value());
    for (auto& list : header.lists) {
      for (auto& condition : list.conditions) {
        if (condition.kind == Kind::etag) condition.value = "\"" + condition.value + "\"";
      }
    }
    RC_ASSERT(read->lists == header.lists);
  }));
}

TEST(IfHeader, TheTokensOfARequestAreThoseItNamesWithoutNot) {
  Headers headers;
  EXPECT_TRUE(submitted_tokens(headers).empty());
  headers.set("If", "(<a:1> Not <a:2>) (<a:3>)");
  EXPECT_EQ(submitted_tokens(headers), (std::vector<std::string>{"a:1", "a:3"}));
  headers.set("If", "(<a:1>");
  EXPECT_TRUE(submitted_tokens(headers).empty());
}

}  // namespace
}  // namespace essaim::http
