#include "server/gate/believed.h"

#include <gtest/gtest.h>

namespace essaim::gate {
namespace {

TEST(Believed, APasswordIsBelievedForAWhileAndWhileItsHashIsTheSame) {
  TestClock clock({0});
  Believed believed(clock, Duration{1'000}, 10);
  believed.add("key", "hash");
  EXPECT_TRUE(believed.holds("key", "hash"));
  EXPECT_FALSE(believed.holds("key", "another"));
  EXPECT_FALSE(believed.holds("another", "hash"));
  clock.advance(Duration{1'000});
  EXPECT_FALSE(believed.holds("key", "hash"));
  believed.add("key", "hash");
  EXPECT_TRUE(believed.holds("key", "hash"));
}

TEST(Believed, WhenFullOnlyTheOldestIsForgotten) {
  TestClock clock({0});
  Believed believed(clock, Duration{1'000}, 10);
  for (int i = 0; i <= 10; ++i) believed.add("key " + std::to_string(i), "hash");
  EXPECT_FALSE(believed.holds("key 0", "hash"));
  for (int i = 1; i <= 10; ++i) EXPECT_TRUE(believed.holds("key " + std::to_string(i), "hash"));
}

}  // namespace
}  // namespace essaim::gate
