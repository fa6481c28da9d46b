#include "protocols/ocs/activity_sight.h"

#include <gtest/gtest.h>

#include "features/files/change.h"
#include "features/files/places.h"
#include "space/store/testing.h"

namespace essaim::ocs {
namespace {

class SightTest : public testing::Test {
 protected:
  void SetUp() override {
    lea_ = member("lea", members::Role::member);
    marc_ = member("marc", members::Role::member);
    folder_node_ = make({"Docs"});
    node_ = make({"Docs", "a"});
  }

  access::Caller member(const std::string& uid, members::Role role) {
    members::NewMember wanted;
    wanted.uid = wanted.display = uid;
    wanted.role = role;
    wanted.password_hash = "x";
    auto made = *members::add(tx_, wanted);
    EXPECT_TRUE(files::create_home(tx_, made));
    return *access::caller_of(tx_, made.id);
  }
  NodeId make(const files::Path& path) {
    return files::make_folder(tx_, lea_, *access::files_of(lea_, "lea"), path)->id;
  }
  // lea did something to the folder `a`.
  notices::Activity row(MemberId recipient = {}) const {
    return {.id = {1},
            .at = {1},
            .event = {.type = notices::Type::file_created,
                      .actor = lea_.member,
                      .node = node_,
                      .parent = folder_node_,
                      .name = "a",
                      .recipient = recipient}};
  }
  Sight seen_by(const access::Caller& caller, const notices::Activity& row) {
    return may_see(tx_,
                   {.head = head_,
                    .space = view_,
                    .caller = &caller,
                    .body = {},
                    .blobs = blobs_,
                    .key = key_,
                    .owns_host = owns_host_},
                   row);
  }

  store::TestSpace space_;
  blobs::Store blobs_{space_.engine().disk(), space_.layout()};
  store::WriteTx tx_ = space_.turn(Instant{1});
  access::Caller lea_;
  access::Caller marc_;
  NodeId folder_node_;
  NodeId node_;
  http::RequestHead head_;
  call::SpaceView view_;
  secrets::Key key_{};
  std::function<bool(std::string_view)> owns_host_ = [](std::string_view) { return false; };
};

TEST_F(SightTest, WhoReachesTheNodeSeesItWithItsPath) {
  auto somebody = row();
  somebody.event.actor = marc_.member;
  auto sight = seen_by(lea_, somebody);
  EXPECT_TRUE(sight.allowed);
  ASSERT_TRUE(sight.node);
  EXPECT_EQ(sight.path, "Docs/a");
}

TEST_F(SightTest, WhatIsGoneIsSeenByTheFolderItWasIn) {
  auto somebody = row();
  somebody.event.actor = {};
  ASSERT_TRUE(files::remove(tx_, lea_, *access::files_of(lea_, "lea"), {"Docs", "a"}));
  auto sight = seen_by(lea_, somebody);
  EXPECT_TRUE(sight.allowed);
  EXPECT_FALSE(sight.node);
  ASSERT_TRUE(files::remove(tx_, lea_, *access::files_of(lea_, "lea"), {"Docs"}));
  EXPECT_FALSE(seen_by(lea_, somebody).allowed);
}

TEST_F(SightTest, WhatOneDidOrWasToldStaysSeen) {
  ASSERT_TRUE(files::remove(tx_, lea_, *access::files_of(lea_, "lea"), {"Docs"}));
  EXPECT_TRUE(seen_by(lea_, row()).allowed);
  auto told = seen_by(marc_, row(marc_.member));
  EXPECT_TRUE(told.allowed);
  EXPECT_FALSE(told.node);
}

TEST_F(SightTest, PeoplesOwnFilesAreNobodyElsesWhateverTheirRole) {
  EXPECT_FALSE(seen_by(marc_, row()).allowed);
  EXPECT_FALSE(seen_by(member("nour", members::Role::gestion), row()).allowed);
  EXPECT_FALSE(seen_by(member("ines", members::Role::referent), row()).allowed);
}

}  // namespace
}  // namespace essaim::ocs
