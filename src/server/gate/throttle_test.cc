#include "server/gate/throttle.h"

#include <gtest/gtest.h>

namespace essaim::gate {
namespace {

TEST(Throttle, FailuresAreCountedAndForgotten) {
  TestClock clock({0});
  Throttle throttle(clock, Duration{1'000}, 10);
  throttle.fail("a");
  throttle.fail("a");
  EXPECT_EQ(throttle.failures("a"), 2);
  EXPECT_EQ(throttle.failures("b"), 0);
  clock.advance(Duration{1'001});
  EXPECT_EQ(throttle.failures("a"), 0);
  throttle.fail("a");
  EXPECT_EQ(throttle.failures("a"), 1);
  throttle.fail("a");
  throttle.forgive("a");
  EXPECT_EQ(throttle.failures("a"), 1);
  throttle.forget("a");
  EXPECT_EQ(throttle.failures("a"), 0);
  throttle.forgive("a");
  EXPECT_EQ(throttle.failures("a"), 0);
}

TEST(Throttle, ItNeverGrowsBeyondItsLimit) {
  TestClock clock({0});
  Throttle throttle(clock, Duration{1'000}, 10);
  for (int i = 0; i < 1'000; ++i) throttle.fail("key " + std::to_string(i));
  EXPECT_EQ(throttle.failures("key 0"), 0);
  EXPECT_EQ(throttle.failures("key 999"), 1);
}

TEST(Rate, CountsByWindowsAndForgetsThem) {
  TestClock clock({0});
  Rate rate(clock, Duration{1'000}, 10);
  EXPECT_EQ(rate.count("a"), 1);
  clock.advance(Duration{900});
  EXPECT_EQ(rate.count("a"), 2);
  EXPECT_EQ(rate.count("b"), 1);
  clock.advance(Duration{100});
  EXPECT_EQ(rate.count("a"), 1) << "what keeps coming does not keep the window open";
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(rate.count("key " + std::to_string(i)), 1);
}

TEST(Throttle, OneHouseholdSharesANetwork) {
  EXPECT_EQ(network_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network_of("2001:db8::1"), network_of("2001:db8::ffff:2"));
  EXPECT_NE(network_of("2001:db8::1"), network_of("2001:db8:0:1::1"));
}

}  // namespace
}  // namespace essaim::gate
