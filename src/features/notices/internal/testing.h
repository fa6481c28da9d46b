// For tests: a space in a temporary folder with two members, and turns at any time.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/time/clock.h"
#include "features/members/members.h"
#include "space/store/testing.h"

namespace essaim::notices::internal {

class NoticesFixture : public testing::Test {
 protected:
  void SetUp() override {
    lea_ = member("lea");
    marc_ = member("marc");
    // One transaction for the whole test: thousands of commits would take their time.
    space_.database().script("BEGIN");
  }

  void TearDown() override { space_.database().script("COMMIT"); }

  MemberId member(const std::string& uid) {
    auto tx = turn();
    auto made = members::add(tx, {.uid = uid,
                                  .display = uid,
                                  .email = std::nullopt,
                                  .quota_bytes = std::nullopt,
                                  .password_hash = "x"});
    EXPECT_TRUE(made);
    return made->id;
  }

  store::WriteTx turn() { return space_.turn(clock_.now()); }

  store::TestSpace space_;
  TestClock clock_{Instant{1'800'000'000'000}};
  MemberId lea_;
  MemberId marc_;
};

}  // namespace essaim::notices::internal
