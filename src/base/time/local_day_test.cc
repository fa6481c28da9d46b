#include "base/time/local_day.h"

#include <gtest/gtest.h>

#include "base/time/http_date.h"

namespace essaim {
namespace {

TEST(LocalDay, ADayEndsAtMidnightWhereThePeopleLive) {
  const std::pair<std::string, std::string> days[] = {
      {"2027-06-14", "2027-06-14T22:00:00Z"}, {"2027-01-31", "2027-01-31T23:00:00Z"},
      {"2027-03-27", "2027-03-27T23:00:00Z"}, {"2027-03-28", "2027-03-28T22:00:00Z"},
      {"2027-10-30", "2027-10-30T22:00:00Z"}, {"2027-10-31", "2027-10-31T23:00:00Z"},
      {"2028-02-29", "2028-02-29T23:00:00Z"}};
  for (const auto& [day, end] : days) {
    auto found = end_of_local_day(day);
    ASSERT_TRUE(found) << day;
    EXPECT_EQ(format_iso8601(*found), end);
    EXPECT_EQ(local_day_ending(*found), day);
  }
}

TEST(LocalDay, WhatIsNoDateIsRefused) {
  for (auto wrong : {"", "2027-6-14", "2027-02-29", "2027-13-01", "14.06.2027", "2027-06-14T",
                     "20270614", "2027-06-14 "}) {
    EXPECT_FALSE(end_of_local_day(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace essaim
