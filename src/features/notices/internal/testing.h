// For tests: a space in a temporary folder with two members, and turns at any time.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/time/clock.h"
#include "features/members/members.h"
#include "platform/sqlite/engine.h"
#include "space/store/space.h"

namespace essaim::notices::internal {

class NoticesFixture : public testing::Test {
 protected:
  void SetUp() override {
    secrets::initialize();
    std::string pattern = testing::TempDir() + "essaim-notices-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    engine_ = sqlite::local_engine();
    store::Layout layout(folder_);
    ASSERT_TRUE(
        store::create(*engine_, layout, id_, {.display_name = "Voile"}, disk::Disk::Durable::no));
    auto space = store::Space::open(*engine_, layout, id_);
    ASSERT_TRUE(space);
    space_ = std::move(*space);
    lea_ = member("lea");
    marc_ = member("marc");
    // One transaction for the whole test: thousands of commits would take their time.
    space_->database().script("BEGIN");
  }

  void TearDown() override {
    space_->database().script("COMMIT");
    space_.reset();
    std::filesystem::remove_all(folder_);
  }

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

  store::WriteTx turn() { return {space_->database(), space_->facts(), clock_.now()}; }

  SpaceId id_{"abcdefgh01234567"};
  std::string folder_;
  std::unique_ptr<sqlite::Engine> engine_;
  std::unique_ptr<store::Space> space_;
  TestClock clock_{Instant{1'800'000'000'000}};
  MemberId lea_;
  MemberId marc_;
};

}  // namespace essaim::notices::internal
