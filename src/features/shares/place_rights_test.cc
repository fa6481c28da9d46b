#include "features/shares/place_rights.h"

#include <gtest/gtest.h>

#include "features/files/change.h"
#include "features/members/groups.h"
#include "features/notices/activity.h"
#include "features/shares/shares.h"
#include "space/store/testing.h"

namespace essaim::shares {
namespace {

using access::Level;
using Kind = access::Grantee::Kind;

// Léa is of gestion, Marc manages the group "bureau", Nour is in it, Zoé and the guest Gil are not.
class PlaceRightsTest : public testing::Test {
 protected:
  void SetUp() override {
    space_.database().script("BEGIN");
    for (const char* uid : {"lea", "marc", "nour", "zoe", "gil"}) add(uid);
    ASSERT_TRUE(files::set_role(tx_, id_of("lea"), members::Role::gestion));
    ASSERT_TRUE(files::set_role(tx_, id_of("gil"), members::Role::guest));
    auto bureau = files::create_group(tx_, "bureau", "Le bureau")->id;
    files::join_group(tx_, bureau, id_of("marc"), members::Manager::yes);
    files::join_group(tx_, bureau, id_of("nour"), members::Manager::no);
    bureau_ = {Kind::group, bureau.value};
    place_ = files::find(tx_, as("marc"), {as("marc").home}, {"Le bureau"})->id;
    common_ = files::find(tx_, as("marc"), {as("marc").home}, {"Espace commun"})->id;
    inner_ = files::make_folder(tx_, as("marc"), {as("marc").home}, {"Le bureau", "Comptes"})->id;
  }

  void TearDown() override { space_.database().script("COMMIT"); }

  void add(const std::string& uid) {
    auto made = members::add(tx_, {.uid = uid,
                                   .display = uid,
                                   .email = std::nullopt,
                                   .quota_bytes = std::nullopt,
                                   .password_hash = "x"});
    ASSERT_TRUE(made && files::create_home(tx_, *made));
  }
  MemberId id_of(const std::string& uid) { return members::find(tx_, uid)->id; }
  access::Grantee to(const std::string& uid) { return {Kind::member, id_of(uid).value}; }
  access::Caller as(const std::string& uid) { return *access::caller_of(tx_, id_of(uid)); }
  std::optional<Code> set(const std::string& uid, NodeId folder, access::Grantee who,
                          std::optional<Level> level) {
    auto done = set_right(tx_, as(uid), folder, who, level);
    return done ? std::nullopt : std::optional(done.error().code);
  }
  bool may_list(const std::string& uid, NodeId folder) {
    return rights_on(tx_, as(uid), folder).has_value();
  }

  store::TestSpace space_;
  store::WriteTx tx_ = space_.turn(Instant{1'700'000'000'000});
  access::Grantee bureau_;
  NodeId place_;
  NodeId common_;
  NodeId inner_;
};

TEST_F(PlaceRightsTest, WhoeverManagesSetsThemAndNobodyElseDoes) {
  EXPECT_EQ(set("marc", place_, bureau_, Level::see), std::nullopt);
  EXPECT_EQ(set("nour", place_, bureau_, Level::edit), Code::forbidden);
  EXPECT_FALSE(may_list("nour", place_)) << "who sees may not give on";
  EXPECT_EQ(set("zoe", place_, bureau_, Level::edit), Code::not_found);
  EXPECT_EQ(set("gil", common_, to("gil"), Level::edit), Code::not_found);
  EXPECT_EQ(set("zoe", common_, to("zoe"), Level::manage), Code::forbidden);
  EXPECT_EQ(set("lea", common_, {Kind::everyone}, Level::see), std::nullopt);
  EXPECT_EQ(set("marc", common_, bureau_, Level::edit), Code::forbidden);
  EXPECT_EQ(set("marc", inner_, to("zoe"), Level::manage), std::nullopt);
  EXPECT_EQ(set("zoe", inner_, to("gil"), Level::comment), std::nullopt) << "they manage it now";
  EXPECT_EQ(set("zoe", place_, to("zoe"), Level::see), Code::not_found) << "and no more than it";
}

TEST_F(PlaceRightsTest, GestionSetsThoseOfWholePlacesThatItDoesNotSeeInto) {
  EXPECT_TRUE(may_list("lea", place_));
  EXPECT_EQ(set("lea", place_, to("zoe"), Level::manage), std::nullopt);
  EXPECT_EQ(set("lea", inner_, to("zoe"), Level::see), Code::not_found);
  EXPECT_FALSE(may_list("lea", inner_));
  EXPECT_EQ(set("zoe", inner_, to("lea"), Level::see), std::nullopt);
  EXPECT_EQ(set("lea", inner_, to("zoe"), Level::see), Code::forbidden);
}

TEST_F(PlaceRightsTest, PlacesAreListedToWhoeverSeesThemAndAllToGestion) {
  auto names = [&](const std::string& uid) {
    std::vector<std::string> out;
    for (const auto& seen : places(tx_, as(uid))) {
      out.push_back(seen.name + (seen.settable ? "!" : "") + (seen.path ? "" : " unseen"));
    }
    return out;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("lea"), (Names{"Espace commun!", "Le bureau! unseen"}));
  EXPECT_EQ(names("marc"), (Names{"Espace commun", "Le bureau!"}));
  EXPECT_EQ(names("nour"), (Names{"Espace commun", "Le bureau"}));
  EXPECT_EQ(names("zoe"), (Names{"Espace commun"}));
  EXPECT_EQ(names("gil"), Names{});
}

TEST_F(PlaceRightsTest, ASharesRightsAreItsMakersAndOnlyListed) {
  auto nour = as("nour");
  auto node = *files::find_by_id(tx_, nour, {nour.home}, inner_);
  auto share = create(tx_, nour, node, {.who = to("zoe"), .permissions = kRead | kUpdate});
  ASSERT_TRUE(share);
  EXPECT_EQ(set("marc", inner_, to("zoe"), Level::manage), Code::exists);
  EXPECT_EQ(set("marc", inner_, to("zoe"), std::nullopt), Code::exists);
  ASSERT_EQ(set("marc", inner_, bureau_, Level::manage), std::nullopt);
  auto list = rights_on(tx_, as("nour"), inner_)->list;
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].share, share->id);
  EXPECT_FALSE(list[0].level);
  EXPECT_FALSE(list[1].share);
  EXPECT_EQ(list[1].level, Level::manage);
  auto again = create(tx_, nour, *files::find_by_id(tx_, nour, {nour.home}, inner_),
                      {.who = bureau_, .permissions = kRead});
  EXPECT_EQ(again.error().code, Code::exists) << "one thing, once";
}

TEST_F(PlaceRightsTest, WhatIsGivenAndTakenBackIsActivityOfThoseWhoSeeIt) {
  ASSERT_EQ(set("marc", inner_, to("zoe"), Level::see), std::nullopt);
  ASSERT_EQ(set("marc", inner_, to("zoe"), Level::edit), std::nullopt);
  ASSERT_TRUE(set_right(tx_, inner_, to("zoe"), std::nullopt)) << "by the operator";
  ASSERT_EQ(set("marc", place_, bureau_, std::nullopt), std::nullopt);
  auto rows = notices::activity(tx_, {.sort = notices::Sort::oldest_first});
  std::erase_if(rows, [](const auto& row) {
    return row.event.type != notices::Type::shared && row.event.type != notices::Type::unshared;
  });
  ASSERT_EQ(rows.size(), 3u) << "another level is no event";
  EXPECT_EQ(rows[0].event.name, "Comptes");
  EXPECT_EQ(rows[0].event.extra.other, "zoe");
  EXPECT_EQ(rows[0].event.recipient, id_of("zoe"));
  EXPECT_EQ(rows[0].event.parent, place_);
  EXPECT_EQ(rows[1].event.type, notices::Type::unshared);
  EXPECT_FALSE(rows[1].event.actor);
  EXPECT_EQ(rows[2].event.name, "Le bureau");
  EXPECT_EQ(rows[2].event.extra.group, "bureau");
}

TEST_F(PlaceRightsTest, TheAuditNamesThePlaceAndNoFolderInIt) {
  auto place = *files::place_folder(tx_, place_);
  auto inner = *files::place_folder(tx_, inner_);
  EXPECT_EQ(audited(tx_, place, to("zoe"), Level::edit), "zoe: edit in Le bureau");
  EXPECT_EQ(audited(tx_, place, {Kind::everyone}, std::nullopt), "everyone: none in Le bureau");
  EXPECT_EQ(audited(tx_, inner, bureau_, Level::drop),
            "group bureau: drop in Le bureau, folder " + std::to_string(inner_.value));
}

}  // namespace
}  // namespace essaim::shares
