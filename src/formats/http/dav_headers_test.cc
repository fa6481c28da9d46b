#include "formats/http/dav_headers.h"

#include <gtest/gtest.h>

namespace essaim::http {
namespace {

Headers with(std::string_view name, std::string_view value) {
  Headers headers;
  headers.add(name, value);
  return headers;
}

TEST(Depth, has_three_values) {
  EXPECT_EQ(*parse_depth(Headers()), std::nullopt);
  EXPECT_EQ(*parse_depth(with("Depth", "0")), Depth::zero);
  EXPECT_EQ(*parse_depth(with("Depth", " 1 ")), Depth::one);
  EXPECT_EQ(*parse_depth(with("depth", "Infinity")), Depth::infinity);
  for (auto value : {"", "2", "-1", "00", "1,noroot", "infinit"}) {
    EXPECT_FALSE(parse_depth(with("Depth", value))) << value;
  }
}

TEST(Overwrite, is_yes_unless_refused) {
  EXPECT_EQ(*parse_overwrite(Headers()), Overwrite::yes);
  EXPECT_EQ(*parse_overwrite(with("Overwrite", "T")), Overwrite::yes);
  EXPECT_EQ(*parse_overwrite(with("Overwrite", "f")), Overwrite::no);
  EXPECT_FALSE(parse_overwrite(with("Overwrite", "no")));
}

TEST(Timeout, is_kept_between_a_second_and_the_most) {
  constexpr Duration kMost{3'600'000};
  constexpr Duration kOtherwise{600'000};
  auto parse = [&](std::string_view value) {
    return parse_timeout(with("Timeout", value), kMost, kOtherwise).count();
  };
  EXPECT_EQ(parse_timeout(Headers(), kMost, kOtherwise), kOtherwise);
  EXPECT_EQ(parse("Second-60"), 60'000);
  EXPECT_EQ(parse("Infinite, Second-60"), kMost.count());
  EXPECT_EQ(parse("Extended, Second-60"), 60'000);
  EXPECT_EQ(parse("Second-0"), 1000);
  EXPECT_EQ(parse("Second-4100000000"), kMost.count());
  EXPECT_EQ(parse("Second-99999999999999999999999"), kMost.count());
  EXPECT_EQ(parse("Second--5"), kOtherwise.count());
  EXPECT_EQ(parse("Second-"), kOtherwise.count());
  EXPECT_EQ(parse("Second-5x"), kOtherwise.count());
}

TEST(LockToken, stands_between_angle_brackets) {
  EXPECT_EQ(*parse_lock_token(with("Lock-Token", "<opaquelocktoken:a>")), "opaquelocktoken:a");
  EXPECT_FALSE(parse_lock_token(Headers()));
  for (auto value : {"", "<>", "a", "<a", "<a> <b>"}) {
    EXPECT_FALSE(parse_lock_token(with("Lock-Token", value))) << value;
  }
}

}  // namespace
}  // namespace essaim::http
