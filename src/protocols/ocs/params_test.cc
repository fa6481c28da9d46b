#include "protocols/ocs/internal/params.h"

#include <gtest/gtest.h>

#include "protocols/ocs/internal/quota_text.h"

namespace essaim::ocs::internal {
namespace {

using Texts = std::vector<std::string>;

Result<Params> read(std::string_view query, std::string_view type, std::string_view body) {
  return Params::parse(query, type, body);
}

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kJson = "application/json; charset=utf-8";

TEST(Params, QueryFormAndJsonSayTheSame) {
  for (auto params :
       {read("a=x+y&b%5B%5D=1&b[]=2", kForm, ""), read("", kForm, "a=x%20y&b[0]=1&b%5B1%5D=2"),
        read("", kJson, R"({"a": "x y", "b": [1, "2"]})"),
        read("a=other", kForm, R"({"a": "x y", "b": ["1", "2"]})")}) {
    ASSERT_TRUE(params);
    EXPECT_EQ(params->text("a"), "x y");
    EXPECT_EQ(params->list("b"), (Texts{"1", "2"}));
    EXPECT_EQ(params->text("c"), std::nullopt);
  }
}

TEST(Params, NumbersAndPagesAreChecked) {
  auto params = read("limit=5000&offset=2&none=&null=null&no=x", kForm, "");
  ASSERT_TRUE(params);
  EXPECT_EQ(*params->number("offset"), 2);
  EXPECT_EQ(*params->number("none"), std::nullopt);
  EXPECT_EQ(*params->number("null"), std::nullopt);
  EXPECT_EQ(params->number("no").error().code, Code::bad_request);
  auto page = page_of(*params, 200);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->limit, 200U);
  EXPECT_EQ(cut(Texts{"a", "b", "c", "d"}, Page{.limit = 1, .offset = 2}), (Texts{"c"}));
  EXPECT_EQ(cut(Texts{"a"}, Page{.limit = 1, .offset = 2}), Texts{});
  EXPECT_FALSE(page_of(*read("limit=-1", kForm, ""), 200));
}

TEST(Params, WhatIsBrokenIsRefused) {
  EXPECT_FALSE(read("a=%zz", kForm, ""));
  EXPECT_FALSE(read("a=%ff", kForm, ""));
  EXPECT_FALSE(read("a=%00", kForm, ""));
  EXPECT_FALSE(read("", kJson, "{"));
  EXPECT_FALSE(read("", kJson, "\"text\""));
  EXPECT_FALSE(read("", kJson, R"({"a": {"b": 1}})"));
  EXPECT_FALSE(read("", kJson, R"({"a": "\u0000"})"));
  std::string many;
  for (std::size_t i = 0; i <= kParamsMax; ++i) many += "a=1&";
  EXPECT_FALSE(read("", kForm, many));
  EXPECT_TRUE(read("", kJson, "[]")) << "nothing was said";
}

TEST(QuotaText, SizesAreReadAsPeopleWriteThem) {
  EXPECT_EQ(*parse_quota("5 MB"), 5 * kMiB);
  EXPECT_EQ(*parse_quota("1.5gb"), 3 * kGiB / 2);
  EXPECT_EQ(*parse_quota("1048576"), kMiB);
  EXPECT_EQ(*parse_quota("0"), 0);
  for (const char* none : {"none", "default", "", " "}) EXPECT_EQ(*parse_quota(none), std::nullopt);
  for (const char* wrong : {"-5", "much", "5 miles", "nan", "inf", "1e400", "9999999 TB", "MB"}) {
    EXPECT_EQ(parse_quota(wrong).error().code, Code::bad_request) << wrong;
  }
}

}  // namespace
}  // namespace essaim::ocs::internal
