#include "formats/http/message.h"

#include <gtest/gtest.h>

#include "formats/http/text.h"

namespace essaim::http {
namespace {

TEST(Headers, names_compare_without_case) {
  Headers headers;
  headers.add("Content-Type", " text/plain\t");
  EXPECT_EQ(headers.get("content-TYPE"), "text/plain");
  EXPECT_FALSE(headers.get("Content-Typ"));
  headers.set("CONTENT-type", "a/b");
  EXPECT_EQ(headers.all().size(), 1u);
  EXPECT_EQ(headers.get("Content-Type"), "a/b");
  headers.remove("content-type");
  EXPECT_TRUE(headers.all().empty());
}

TEST(Headers, several_fields_of_one_name_are_joined_in_order) {
  Headers headers;
  headers.add("If-Match", "\"a\"");
  headers.add("X", "1");
  headers.add("if-match", "\"b\"");
  EXPECT_EQ(headers.joined("If-Match"), "\"a\", \"b\"");
  EXPECT_EQ(headers.get("If-Match"), "\"a\"");
  EXPECT_EQ(headers.joined("None"), "");
}

TEST(Headers, finds_a_token_in_any_field_of_a_list) {
  Headers headers;
  headers.add("Connection", "keep-alive, ,  Upgrade");
  headers.add("Connection", "close");
  EXPECT_TRUE(headers.has_token("connection", "CLOSE"));
  EXPECT_TRUE(headers.has_token("connection", "upgrade"));
  EXPECT_FALSE(headers.has_token("connection", "up"));
  EXPECT_FALSE(headers.has_token("Upgrade", "up"));
}

TEST(Text, a_comma_between_quotes_does_not_separate) {
  ListReader list(" \"a,b\" ,, c ,");
  EXPECT_EQ(list.next(), "\"a,b\"");
  EXPECT_EQ(list.next(), "c");
  EXPECT_FALSE(list.next());
}

TEST(Reason, every_status_has_words) {
  EXPECT_EQ(reason(404), "Not Found");
  EXPECT_EQ(reason(207), "Multi-Status");
  EXPECT_EQ(reason(507), "Insufficient Storage");
  EXPECT_EQ(reason(299), "Success");
  EXPECT_EQ(reason(599), "Server Error");
}

}  // namespace
}  // namespace essaim::http
