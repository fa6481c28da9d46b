// Guests whose accounts end: at once for whoever reads them, written down a day later at most.
#include <gtest/gtest.h>

#include "features/members/audit.h"
#include "features/members/internal/testing.h"
#include "features/members/sessions.h"

namespace essaim::members {
namespace {

using std::chrono::hours;

class Expiry : public internal::MembersFixture {
 protected:
  void SetUp() override {
    MembersFixture::SetUp();
    gil_ = member("gil");
    auto tx = turn();
    ASSERT_TRUE(set_role(tx, gil_.id, Role::guest));
    ASSERT_TRUE(set_expiry(tx, gil_.id, end()));
  }
  Member gil_now() {
    auto tx = turn();
    return *find(tx, gil_.id);
  }
  Instant end() const { return Instant{1'800'000'000'000 + 3'600'000}; }

  Member gil_;
};

TEST_F(Expiry, AGuestIsDisabledFromThatInstantOn) {
  EXPECT_FALSE(gil_now().disabled);
  clock_.set({end().ms - 1});
  EXPECT_FALSE(gil_now().disabled);
  clock_.set(end());
  auto tx = turn();
  EXPECT_TRUE(find(tx, gil_.id)->disabled);
  EXPECT_TRUE(find(tx, "gil")->disabled);
  EXPECT_TRUE(list(tx)[0].disabled);
  EXPECT_EQ(end_expired(tx, key_, 10), 1);
  EXPECT_EQ(end_expired(tx, key_, 10), 0);
  auto row = audit::list(tx, 0, 10).back();
  EXPECT_EQ(row.actor, audit::kServer);
  EXPECT_EQ(row.action, "member-disabled");
  EXPECT_EQ(row.object, "gil: expired");
  EXPECT_FALSE(row.member);
  EXPECT_TRUE(audit::verify(tx, key_).empty());
}

TEST_F(Expiry, WhatIsClosedIsOpenedByHandAlone) {
  clock_.set(end());
  auto tx = turn();
  ASSERT_TRUE(set_expiry(tx, gil_.id, Instant{end().ms + 1'000}));
  EXPECT_TRUE(find(tx, gil_.id)->disabled) << "a later end does not open";
  set_disabled(tx, gil_.id, false);
  EXPECT_FALSE(find(tx, gil_.id)->disabled);
  EXPECT_EQ(find(tx, gil_.id)->expires, Instant{end().ms + 1'000}) << "the new end stays";
}

TEST_F(Expiry, EnablingTakesAnEndThatIsOver) {
  clock_.set(end());
  auto tx = turn();
  set_disabled(tx, gil_.id, false);
  EXPECT_FALSE(find(tx, gil_.id)->disabled);
  EXPECT_FALSE(find(tx, gil_.id)->expires);
}

TEST_F(Expiry, AnotherRoleHasNoEndAndOpensNothing) {
  {
    auto tx = turn();
    ASSERT_TRUE(set_role(tx, gil_.id, Role::member));
    EXPECT_FALSE(find(tx, gil_.id)->expires);
    ASSERT_TRUE(set_role(tx, gil_.id, Role::guest));
    ASSERT_TRUE(set_expiry(tx, gil_.id, end()));
  }
  clock_.set(end());
  auto tx = turn();
  ASSERT_TRUE(set_role(tx, gil_.id, Role::member));
  EXPECT_TRUE(find(tx, gil_.id)->disabled);
}

TEST_F(Expiry, OnlyAGuestHasOneAndOnlyAhead) {
  auto tx = turn();
  EXPECT_EQ(set_expiry(tx, lea_.id, end()).error().code, Code::conflict);
  EXPECT_EQ(set_expiry(tx, {4711}, end()).error().code, Code::not_found);
  EXPECT_EQ(set_expiry(tx, gil_.id, clock_.now()).error().code, Code::bad_request);
  EXPECT_EQ(find(tx, gil_.id)->expires, end());
  EXPECT_TRUE(set_expiry(tx, gil_.id, std::nullopt));
  EXPECT_FALSE(find(tx, gil_.id)->expires);
}

TEST_F(Expiry, ItEndsSessions) {
  std::string session;
  {
    auto tx = turn();
    session = start_session(tx, key_, gil_.id, "Firefox");
  }
  clock_.advance(hours(2));
  auto tx = turn();
  EXPECT_TRUE(find_session(tx, key_, session)) << "the gate asks for the member too";
  end_expired(tx, key_, 10);
  EXPECT_FALSE(find_session(tx, key_, session));
}

}  // namespace
}  // namespace essaim::members
