// For tests: a real space in a temporary folder, with one member, and turns without a lane.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "features/files/change.h"
#include "features/files/places.h"
#include "features/files/reach.h"
#include "space/blobs/blobs.h"
#include "space/store/testing.h"

namespace essaim::files::internal {

class SpaceFixture : public testing::Test {
 protected:
  void SetUp() override {
    tx_ = std::unique_ptr<store::WriteTx>(new store::WriteTx(space_.turn(now_)));
    // One transaction for the whole test: thousands of commits would take their time.
    space_.database().script("BEGIN");
    caller_ = member("lea");
    place_ = *access::files_of(caller_, "lea");
  }

  void TearDown() override { space_.database().script("COMMIT"); }

  access::Caller member(const std::string& uid, std::optional<ByteCount> quota = std::nullopt) {
    auto made = members::add(*tx_, {.uid = uid,
                                    .display = uid,
                                    .email = std::nullopt,
                                    .quota_bytes = quota,
                                    .password_hash = "x"});
    EXPECT_TRUE(made);
    auto home = create_home(*tx_, *made);
    EXPECT_TRUE(home);
    return again(made->id);
  }

  // The member as the gate would know them now.
  access::Caller again(MemberId id) { return *access::caller_of(*tx_, id); }
  access::Caller again(const access::Caller& caller) { return again(caller.member); }

  // Gives another member rights on what the first one has.
  GrantId share(const Path& path, const access::Caller& with, const access::Rights& rights) {
    auto grant = give(*tx_, at(path)->id, {access::Grantee::Kind::member, with.member.value},
                      rights, std::nullopt);
    EXPECT_TRUE(grant);
    return *grant;
  }
  Result<Node> seen_by(const access::Caller& caller, const Path& path) {
    return find(*tx_, caller, {caller.home}, path);
  }

  blobs::SpooledBlob blob(std::string_view bytes) {
    auto spool = blobs_->begin(space_.id());
    EXPECT_TRUE(spool);
    EXPECT_TRUE((*spool)->write(std::as_bytes(std::span(bytes))));
    EXPECT_TRUE((*spool)->finish());
    return (*spool)->take();
  }

  Result<Changed> put_text(const Path& path, std::string_view bytes) {
    auto content = blob(bytes);
    return put(*tx_, *blobs_, caller_, place_, path, {content, "", std::nullopt, std::nullopt});
  }

  // Later turns see this many seconds more.
  void wait(std::int64_t seconds) {
    now_.ms += seconds * 1000;
    tx_ = std::unique_ptr<store::WriteTx>(new store::WriteTx(space_.turn(now_)));
  }

  Result<Node> at(const Path& path) { return find(*tx_, caller_, place_, path); }

  store::TestSpace space_;
  Instant now_{1'700'000'000'000};
  std::unique_ptr<blobs::Store> blobs_ =
      std::make_unique<blobs::Store>(space_.engine().disk(), space_.layout());
  std::unique_ptr<store::WriteTx> tx_;
  access::Caller caller_;
  access::Place place_;
};

}  // namespace essaim::files::internal
