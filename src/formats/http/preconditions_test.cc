#include "formats/http/preconditions.h"

#include <gtest/gtest.h>

namespace essaim::http {
namespace {

constexpr std::int64_t kMtime = 784'111'777;
constexpr auto kAtMtime = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr auto kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";

const Validators kThere{true, "\"e1-7\"", kMtime};
const Validators kMissing{};

Verdict check(std::string_view method,
              std::initializer_list<std::pair<const char*, const char*>> list,
              const Validators& current) {
  Headers headers;
  for (const auto& [name, value] : list) headers.add(name, value);
  return check_preconditions(method, headers, current);
}

TEST(Preconditions, none_proceeds) {
  EXPECT_EQ(check("PUT", {}, kThere), Verdict::proceed);
  EXPECT_EQ(check("PUT", {}, kMissing), Verdict::proceed);
}

TEST(Preconditions, if_match_needs_the_same_strong_etag) {
  EXPECT_EQ(check("PUT", {{"If-Match", "\"e1-7\""}}, kThere), Verdict::proceed);
  EXPECT_EQ(check("PUT", {{"If-Match", "\"x\", \"e1-7\""}}, kThere), Verdict::proceed);
  EXPECT_EQ(check("PUT", {{"If-Match", "\"x\""}, {"If-Match", "\"e1-7\""}}, kThere),
            Verdict::proceed);
  EXPECT_EQ(check("PUT", {{"If-Match", "*"}}, kThere), Verdict::proceed);
  EXPECT_EQ(check("PUT", {{"If-Match", "\"e1-8\""}}, kThere), Verdict::failed);
  EXPECT_EQ(check("PUT", {{"If-Match", "W/\"e1-7\""}}, kThere), Verdict::failed);
  EXPECT_EQ(check("PUT", {{"If-Match", ""}}, kThere), Verdict::failed);
}

TEST(Preconditions, if_match_fails_when_nothing_is_there) {
  EXPECT_EQ(check("PUT", {{"If-Match", "*"}}, kMissing), Verdict::failed);
  EXPECT_EQ(check("PUT", {{"If-Match", "\"\""}}, kMissing), Verdict::failed);
}

TEST(Preconditions, etags_without_quotes_or_with_gzip_are_understood) {
  for (auto etag : {"e1-7", "\"e1-7-gzip\"", "\"e1-7\"-gzip", "e1-7-gzip"}) {
    EXPECT_EQ(check("PUT", {{"If-Match", etag}}, kThere), Verdict::proceed) << etag;
  }
  EXPECT_TRUE(same_etag_strong("e1-7", "\"e1-7\""));
  EXPECT_FALSE(same_etag_strong("", ""));
  EXPECT_FALSE(same_etag_strong("\"\"", "\"\""));
}

TEST(Preconditions, if_none_match_star_means_only_if_new) {
  EXPECT_EQ(check("PUT", {{"If-None-Match", "*"}}, kThere), Verdict::failed);
  EXPECT_EQ(check("PUT", {{"If-None-Match", "*"}}, kMissing), Verdict::proceed);
}

TEST(Preconditions, if_none_match_saves_a_transfer) {
  EXPECT_EQ(check("GET", {{"If-None-Match", "\"e1-7\""}}, kThere), Verdict::not_modified);
  EXPECT_EQ(check("HEAD", {{"If-None-Match", "W/\"e1-7\""}}, kThere), Verdict::not_modified);
  EXPECT_EQ(check("GET", {{"If-None-Match", "\"e1-6\""}}, kThere), Verdict::proceed);
  EXPECT_EQ(check("DELETE", {{"If-None-Match", "\"e1-7\""}}, kThere), Verdict::failed);
}

TEST(Preconditions, dates_are_used_when_no_etag_is_named) {
  EXPECT_EQ(check("GET", {{"If-Modified-Since", kAtMtime}}, kThere), Verdict::not_modified);
  EXPECT_EQ(check("GET", {{"If-Modified-Since", kBefore}}, kThere), Verdict::proceed);
  EXPECT_EQ(check("PUT", {{"If-Modified-Since", kAtMtime}}, kThere), Verdict::proceed);
  EXPECT_EQ(check("PUT", {{"If-Unmodified-Since", kAtMtime}}, kThere), Verdict::proceed);
  EXPECT_EQ(check("PUT", {{"If-Unmodified-Since", kBefore}}, kThere), Verdict::failed);
  EXPECT_EQ(check("GET", {{"If-None-Match", "\"x\""}, {"If-Modified-Since", kAtMtime}}, kThere),
            Verdict::proceed);
  EXPECT_EQ(check("PUT", {{"If-Match", "\"e1-7\""}, {"If-Unmodified-Since", kBefore}}, kThere),
            Verdict::proceed);
}

TEST(Preconditions, dates_that_cannot_be_read_count_as_absent) {
  EXPECT_EQ(check("PUT", {{"If-Unmodified-Since", "yesterday"}}, kThere), Verdict::proceed);
  EXPECT_EQ(check("GET", {{"If-Modified-Since", "Sun, 06 Nov 1900 08:49:37 GMT"}}, kThere),
            Verdict::proceed);
}

TEST(IfRange, holds_for_the_same_etag_only) {
  auto holds_for = [](const char* value) {
    Headers headers;
    headers.add("If-Range", value);
    return if_range_holds(headers, kThere);
  };
  EXPECT_TRUE(if_range_holds(Headers(), kThere));
  EXPECT_TRUE(holds_for("\"e1-7\""));
  EXPECT_FALSE(holds_for("W/\"e1-7\""));
  EXPECT_FALSE(holds_for("\"e1-6\""));
  EXPECT_FALSE(holds_for(kAtMtime));
}

}  // namespace
}  // namespace essaim::http
