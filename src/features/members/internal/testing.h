// For tests: a space in a temporary folder with one member, and turns at any time.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/time/clock.h"
#include "features/members/members.h"
#include "space/store/testing.h"

namespace essaim::members::internal {

class MembersFixture : public testing::Test {
 protected:
  void SetUp() override {
    key_ = secrets::random_key();
    lea_ = member("lea");
  }

  Member member(const std::string& uid) {
    auto tx = turn();
    auto made = add(tx, {.uid = uid,
                         .display = uid,
                         .email = std::nullopt,
                         .quota_bytes = std::nullopt,
                         .password_hash = "x"});
    EXPECT_TRUE(made);
    return *made;
  }

  // A turn of now, each statement its own transaction.
  store::WriteTx turn() { return space_.turn(clock_.now()); }

  store::TestSpace space_;
  TestClock clock_{Instant{1'800'000'000'000}};
  secrets::Key key_{};
  Member lea_;
};

}  // namespace essaim::members::internal
