// Accounts, profiles and statuses: what may be changed, and what is refused.
#include <gtest/gtest.h>

#include "features/members/groups.h"
#include "features/members/internal/testing.h"
#include "features/members/profile.h"
#include "features/members/sessions.h"
#include "features/members/status.h"
#include "space/store/space.h"

namespace essaim::members {
namespace {

using std::chrono::minutes;
class People : public internal::MembersFixture {};

TEST_F(People, TheLastOfGestionStays) {
  auto marc = member("marc");
  auto tx = turn();
  ASSERT_TRUE(set_role(tx, lea_.id, Role::gestion));
  EXPECT_EQ(set_role(tx, lea_.id, Role::member).error().code, Code::conflict);
  EXPECT_EQ(check_dispensable(tx, *find(tx, lea_.id)).error().code, Code::conflict);
  ASSERT_TRUE(set_role(tx, marc.id, Role::gestion));
  set_disabled(tx, marc.id, true);
  EXPECT_EQ(set_role(tx, lea_.id, Role::referent).error().code, Code::conflict)
      << "an account that is disabled decides nothing";
  set_disabled(tx, marc.id, false);
  EXPECT_TRUE(set_role(tx, lea_.id, Role::referent));
  EXPECT_EQ(find(tx, lea_.id)->role, Role::referent);
  EXPECT_EQ(set_role(tx, {4711}, Role::member).error().code, Code::not_found);
}

TEST_F(People, ThePlanCountsEverybodyButGuests) {
  auto tx = turn();
  EXPECT_EQ(store::accounts_max(tx), store::kAccountsMax);
  store::set_accounts_max(tx, accounts(tx) + 1);
  auto guest = add(tx, {.uid = "gil", .role = Role::guest, .password_hash = "x"});
  ASSERT_TRUE(guest) << "guests are not counted";
  auto zoe = add(tx, {.uid = "zoe", .password_hash = "x"});
  ASSERT_TRUE(zoe);
  EXPECT_EQ(add(tx, {.uid = "abel", .password_hash = "x"}).error().code, Code::too_many);
  EXPECT_EQ(set_role(tx, guest->id, Role::member).error().code, Code::too_many);
  EXPECT_TRUE(set_role(tx, zoe->id, Role::referent)) << "an account already";
  set_disabled(tx, zoe->id, true);
  EXPECT_EQ(set_role(tx, guest->id, Role::member).error().code, Code::too_many)
      << "an account that is closed can be opened again";
  store::set_accounts_max(tx, 1);
  EXPECT_TRUE(find(tx, "zoe")) << "less than is there takes nobody away";
  store::set_accounts_max(tx, accounts(tx));
  remove(tx, zoe->id);
  EXPECT_TRUE(set_role(tx, guest->id, Role::member));
}

TEST_F(People, WhoIsRemovedLeavesNothingToSignInWith) {
  auto marc = member("marc");
  auto tx = turn();
  auto session = start_session(tx, key_, marc.id, "Firefox");
  auto token = add_token(tx, key_, marc.id, "phone");
  remove(tx, marc.id);
  EXPECT_FALSE(find(tx, marc.id));
  EXPECT_FALSE(find_session(tx, key_, session));
  EXPECT_FALSE(find_token(tx, key_, *token));
}

TEST_F(People, AnAddressBelongsToOnePerson) {
  auto marc = member("marc");
  auto tx = turn();
  EXPECT_TRUE(set_email(tx, lea_.id, "lea@example.org"));
  EXPECT_TRUE(set_email(tx, lea_.id, "Lea@example.org")) << "their own, written otherwise";
  EXPECT_EQ(set_email(tx, marc.id, "LEA@example.org").error().code, Code::exists);
  EXPECT_EQ(set_email(tx, marc.id, "nowhere").error().code, Code::bad_request);
  EXPECT_TRUE(set_email(tx, lea_.id, std::nullopt));
  EXPECT_TRUE(set_email(tx, marc.id, "lea@example.org"));
}

TEST_F(People, NamesQuotasAndLanguagesHaveLimits) {
  auto tx = turn();
  EXPECT_TRUE(set_display(tx, lea_.id, "Léa Martin"));
  EXPECT_EQ(set_display(tx, lea_.id, "  ").error().code, Code::bad_request);
  EXPECT_EQ(set_display(tx, lea_.id, "a\nb").error().code, Code::bad_request);
  EXPECT_EQ(set_display(tx, lea_.id, std::string(256, 'x')).error().code, Code::bad_request);
  EXPECT_TRUE(set_quota(tx, lea_.id, 5));
  EXPECT_EQ(set_quota(tx, lea_.id, -1).error().code, Code::bad_request);
  EXPECT_TRUE(set_locale(tx, lea_.id, "en"));
  EXPECT_EQ(set_locale(tx, lea_.id, "de").error().code, Code::bad_request);
  auto lea = find(tx, lea_.id);
  EXPECT_EQ(lea->display, "Léa Martin");
  EXPECT_EQ(lea->quota_bytes, 5);
  EXPECT_EQ(lea->locale, "en");
  ASSERT_TRUE(set_quota(tx, lea_.id, std::nullopt));
  EXPECT_FALSE(find(tx, lea_.id)->quota_bytes);
}

TEST_F(People, AProfileKeepsWhatWasSaid) {
  auto tx = turn();
  EXPECT_TRUE(set_profile(tx, lea_.id, ProfileField::phone, "+33 1 23"));
  EXPECT_TRUE(set_profile(tx, lea_.id, ProfileField::address, "2 quai du Port\n76790 Étretat"));
  EXPECT_TRUE(set_profile(tx, lea_.id, ProfileField::phone, "+33 4 56"));
  auto profile = profile_of(tx, lea_.id);
  EXPECT_EQ(profile[ProfileField::phone], "+33 4 56");
  EXPECT_EQ(profile[ProfileField::address], "2 quai du Port\n76790 Étretat");
  EXPECT_EQ(profile[ProfileField::biography], "");
  EXPECT_TRUE(set_profile(tx, lea_.id, ProfileField::phone, ""));
  EXPECT_EQ(profile_of(tx, lea_.id)[ProfileField::phone], "");
}

TEST_F(People, AProfileHasLimits) {
  auto tx = turn();
  auto refused = [&](ProfileField field, const std::string& text) {
    auto set = set_profile(tx, lea_.id, field, text);
    return !set && set.error().code == Code::bad_request;
  };
  EXPECT_TRUE(refused(ProfileField::headline, std::string(kProfileLineMax + 1, 'x')));
  EXPECT_TRUE(refused(ProfileField::biography, std::string(kProfileTextMax + 1, 'x')));
  EXPECT_TRUE(refused(ProfileField::headline, "two\nlines"));
  EXPECT_TRUE(refused(ProfileField::website, "javascript:alert(1)"));
}

TEST_F(People, WhoGivesNoSignOfLifeIsOffline) {
  auto first = turn();
  EXPECT_EQ(status_of(first, lea_.id).kind, StatusKind::offline);
  note_present(first, lea_.id, StatusKind::away);
  EXPECT_EQ(status_of(first, lea_.id).kind, StatusKind::away);
  EXPECT_FALSE(status_of(first, lea_.id).chosen);
  set_status(first, lea_.id, StatusKind::online);
  EXPECT_TRUE(status_of(first, lea_.id).chosen);
  clock_.advance(kPresentFor + minutes(1));
  auto later = turn();
  EXPECT_EQ(status_of(later, lea_.id).kind, StatusKind::offline);
  note_present(later, lea_.id, StatusKind::online);
  EXPECT_EQ(status_of(later, lea_.id).kind, StatusKind::online);
}

TEST_F(People, WhatSomebodyChoseHolds) {
  auto first = turn();
  set_status(first, lea_.id, StatusKind::invisible);
  clock_.advance(kPresentFor * 2);
  auto later = turn();
  auto status = status_of(later, lea_.id);
  EXPECT_EQ(status.kind, StatusKind::invisible);
  EXPECT_EQ(seen_by_others(status).kind, StatusKind::offline);
}

TEST_F(People, AMessageEndsByItself) {
  auto first = turn();
  auto soon = Instant{clock_.now().ms + 60'000};
  ASSERT_TRUE(say_message(first, lea_.id, "⛵", "En mer", soon));
  auto status = status_of(first, lea_.id);
  EXPECT_EQ(status.message, "En mer");
  EXPECT_EQ(status.icon, "⛵");
  EXPECT_EQ(status.clear_at, soon);
  clock_.advance(minutes(2));
  auto later = turn();
  EXPECT_FALSE(status_of(later, lea_.id).says_something());
  ASSERT_TRUE(say_ready_message(later, lea_.id, "meeting", std::nullopt));
  EXPECT_EQ(status_of(later, lea_.id).message_id, "meeting");
  EXPECT_EQ(statuses(later).size(), 1U);
  say_nothing(later, lea_.id);
  EXPECT_FALSE(status_of(later, lea_.id).says_something());
}

TEST_F(People, AMessageHasLimits) {
  auto tx = turn();
  auto refused = [&](std::string_view icon, std::string_view message, std::optional<Instant> end) {
    auto said = say_message(tx, lea_.id, icon, message, end);
    return !said && said.error().code == Code::bad_request;
  };
  EXPECT_TRUE(refused("", std::string(81, 'x'), std::nullopt));
  EXPECT_TRUE(refused("", "two\nlines", std::nullopt));
  EXPECT_TRUE(refused("smile", "", std::nullopt));
  EXPECT_TRUE(refused("", "x", clock_.now()));
  EXPECT_FALSE(say_ready_message(tx, lea_.id, "sleeping", std::nullopt));
}

TEST_F(People, NoGroupHasTheNameOfARole) {
  auto tx = turn();
  EXPECT_EQ(add_group(tx, "Admin", "").error().code, Code::exists);
}

TEST_F(People, ALostPersonsDevicesAreWipedAtOnce) {
  auto tx = turn();
  auto one = give_token(tx, key_, lea_.id, "phone", TokenShape::app);
  auto two = give_token(tx, key_, lea_.id, "laptop", TokenShape::app);
  wipe_tokens(tx, lea_.id);
  EXPECT_TRUE(find_token(tx, key_, one->secret)->wipe);
  EXPECT_TRUE(find_token(tx, key_, two->secret)->wipe);
}

}  // namespace
}  // namespace essaim::members
