// The bucket of processor time: what it allows, what it makes a lane wait.
#include "space/lane/internal/pace.h"

#include <gtest/gtest.h>

namespace essaim::lane::internal {
namespace {

using namespace std::chrono_literals;

// A quarter of a core, 100 ms at once.
const Share kQuarter{0.25, 100ms, 200ms};
const SteadyTime kBegin{1000s};

TEST(Pace, a_burst_is_free) {
  Pace pace(kQuarter);
  EXPECT_EQ(pace.spend(kBegin, 60ms), 0ms);
  EXPECT_EQ(pace.spend(kBegin, 40ms), 0ms);
  EXPECT_FALSE(pace.loud(kBegin));
}

TEST(Pace, what_is_owed_is_rested_at_the_share) {
  Pace pace(kQuarter);
  EXPECT_EQ(pace.spend(kBegin, 110ms), 40ms);
  EXPECT_TRUE(pace.loud(kBegin));
}

TEST(Pace, a_lane_that_rests_as_it_is_told_keeps_its_share) {
  Pace pace(kQuarter);
  SteadyTime now = kBegin;
  auto ran = 0ns;
  pace.spend(now, 100ms);
  while (now < kBegin + 10s) {
    now += 3ms;
    ran += 3ms;
    now += pace.spend(now, 3ms);
  }
  double share = static_cast<double>(ran.count()) / static_cast<double>((now - kBegin).count());
  EXPECT_NEAR(share, 0.25, 0.001);
}

TEST(Pace, within_its_share_it_never_rests) {
  Pace pace(kQuarter);
  SteadyTime now = kBegin;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(pace.spend(now, 24ms), 0ms);
    now += 100ms;
  }
  EXPECT_FALSE(pace.loud(now));
}

TEST(Pace, nothing_is_saved_beyond_the_burst) {
  Pace pace(kQuarter);
  pace.spend(kBegin, 10ms);
  EXPECT_EQ(pace.spend(kBegin + 1h, 101ms), 4ms);
}

TEST(Pace, no_rest_is_longer_than_the_longest) {
  Pace pace(kQuarter);
  EXPECT_EQ(pace.spend(kBegin, 10s), 200ms);
  // And the rest of the debt is gone.
  EXPECT_EQ(pace.spend(kBegin + 200ms, 1ms), 4ms);
}

TEST(Pace, loud_until_half_of_the_burst_is_there_again) {
  Pace pace(kQuarter);
  pace.spend(kBegin, 101ms);
  EXPECT_TRUE(pace.loud(kBegin + 4ms));
  EXPECT_TRUE(pace.loud(kBegin + 203ms));
  EXPECT_FALSE(pace.loud(kBegin + 204ms));
  EXPECT_FALSE(pace.loud(kBegin));
}

}  // namespace
}  // namespace essaim::lane::internal
