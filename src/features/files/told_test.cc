#include <algorithm>

#include "features/files/internal/fixture.h"
#include "features/files/trash.h"
#include "features/notices/notifications.h"

namespace essaim::files {
namespace {

using access::Grantee;

// Whoever was told of a grant, for as long as it leads somewhere.
class Told : public internal::SpaceFixture {
 protected:
  void SetUp() override {
    SpaceFixture::SetUp();
    marc_ = member("marc");
    nour_ = member("nour");
    ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"Docs"}));
    ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"Docs", "in"}));
  }

  GrantId tell(const Path& path, Grantee who, std::optional<Instant> until = std::nullopt) {
    auto grant = give(*tx_, at(path)->id, who, access::kEdit, until);
    EXPECT_TRUE(grant);
    for (MemberId member : access::members_meant(*tx_, who)) {
      EXPECT_TRUE(notices::notify(*tx_, member,
                                  {.app = "files_sharing",
                                   .key = "shared",
                                   .parameters = {},
                                   .object_type = std::string(kGrantObject),
                                   .object_id = std::to_string(grant->value),
                                   .link = {}}));
    }
    return *grant;
  }
  static Grantee only(const access::Caller& who) {
    return {Grantee::Kind::member, who.member.value};
  }
  std::size_t told(const access::Caller& who) {
    return notices::notifications(*tx_, who.member).size();
  }

  access::Caller marc_;
  access::Caller nour_;
};

TEST_F(Told, WhoeverLeavesIsToldNoMoreAndOthersStillAre) {
  tell({"Docs"}, {Grantee::Kind::everyone});
  ASSERT_EQ(told(marc_), 1u);
  ASSERT_TRUE(leave(*tx_, marc_, at({"Docs"})->id));
  EXPECT_EQ(told(marc_), 0u);
  EXPECT_EQ(told(nour_), 1u);
  ASSERT_TRUE(remove(*tx_, nour_, {nour_.home}, {"Docs"}));
  EXPECT_EQ(told(nour_), 0u) << "deleting what was given is leaving it";
}

TEST_F(Told, WhatIsLeftTakesNoOtherNotificationAlong) {
  tell({"Docs"}, only(marc_));
  tell({"Docs", "in"}, only(marc_));
  ASSERT_TRUE(leave(*tx_, marc_, at({"Docs"})->id));
  EXPECT_TRUE(seen_by(marc_, {"in"})) << "it was given by itself as well";
  EXPECT_EQ(told(marc_), 1u);
}

TEST_F(Told, AGrantThatIsTakenBackOrOverIsToldToNobody) {
  auto grant = tell({"Docs"}, {Grantee::Kind::everyone});
  tell({"Docs", "in"}, only(marc_), Instant{now_.ms + 1'000});
  ASSERT_EQ(told(marc_), 2u);
  ASSERT_TRUE(take_back(*tx_, grant));
  EXPECT_EQ(told(marc_), 1u);
  EXPECT_EQ(told(nour_), 0u);
  wait(2);
  EXPECT_EQ(end_grants(*tx_, 10), 1);
  EXPECT_EQ(told(marc_), 0u);
}

TEST_F(Told, WhatIsDeletedIsToldToNobody) {
  tell({"Docs", "in"}, only(nour_));
  tell({"Docs"}, only(marc_));
  tell({"Docs", "in"}, only(marc_));
  ASSERT_EQ(told(marc_), 2u);
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"Docs"}));
  EXPECT_EQ(told(marc_), 0u) << "of what they had no mount of their own for, too";
  EXPECT_EQ(told(nour_), 0u);
}

TEST_F(Told, WhoeverLeavesAGroupForgetsWhatWasGivenToIt) {
  auto group = create_group(*tx_, "voile", "Voile");
  ASSERT_TRUE(group);
  join_group(*tx_, group->id, marc_.member, members::Manager::no);
  join_group(*tx_, group->id, nour_.member, members::Manager::no);
  tell({"Docs"}, {Grantee::Kind::group, group->id.value});
  ASSERT_TRUE(leave_group(*tx_, group->id, marc_.member));
  EXPECT_EQ(told(marc_), 0u);
  EXPECT_EQ(told(nour_), 1u);
}

TEST_F(Told, WhatTheySeeInAnotherWayIsStillTold) {
  tell({"Docs", "in"}, only(marc_));
  tell({"Docs"}, only(marc_));
  ASSERT_FALSE(seen_by(marc_, {"in"})) << "it is in Docs now";
  EXPECT_EQ(told(marc_), 2u);
  ASSERT_TRUE(move(*tx_, caller_, place_, {"Docs"}, {"Papiers"}, Overwrite::no));
  EXPECT_EQ(told(marc_), 2u);
}

}  // namespace
}  // namespace essaim::files
