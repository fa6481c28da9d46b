#include <algorithm>

#include "features/files/internal/fixture.h"
#include "features/files/trash.h"
#include "features/members/groups.h"

namespace essaim::files {
namespace {

using access::Level;
using Kind = access::Grantee::Kind;

class Levels : public internal::SpaceFixture {
 protected:
  void SetUp() override {
    SpaceFixture::SetUp();
    marc_ = member("marc");
    nour_ = member("nour");
    bureau_ = create_group(*tx_, "bureau", "Le bureau")->id;
    join_group(*tx_, bureau_, marc_.member, members::Manager::no);
    marc_ = again(marc_);
    ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"Espace commun", "Comptes"}));
    ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"Espace commun", "Photos"}));
  }

  PlaceFolder common() { return *place_folder(*tx_, at({"Espace commun"})->id); }
  PlaceFolder accounts() { return *place_folder(*tx_, at({"Espace commun", "Comptes"})->id); }
  PlaceFolder of_bureau() { return *place_folder(*tx_, seen_by(marc_, {"Le bureau"})->id); }
  access::Grantee bureau(Kind kind = Kind::group) { return {kind, bureau_.value}; }
  void set(const PlaceFolder& folder, access::Grantee who, std::optional<Level> level) {
    ASSERT_TRUE(set_level(*tx_, folder, who, level));
  }
  std::optional<Level> has(const access::Caller& who, const Path& path) {
    auto node = seen_by(who, path);
    return node ? access::level_of(node->standing.rights) : std::nullopt;
  }
  Seq root_of(const access::Caller& who) { return seen_by(who, {})->seq; }
  void expect_sound() { EXPECT_TRUE(check_reach(*tx_).empty()) << check_reach(*tx_).front(); }

  access::Caller marc_;
  access::Caller nour_;
  GroupId bureau_;
};

TEST_F(Levels, EverybodySeesAndOnlyTheBureauEdits) {
  EXPECT_EQ(has(nour_, {"Espace commun"}), Level::edit);
  set(common(), {Kind::everyone}, Level::see);
  set(common(), bureau(), Level::edit);
  EXPECT_EQ(has(nour_, {"Espace commun"}), Level::see);
  EXPECT_EQ(has(nour_, {"Espace commun", "Comptes"}), Level::see);
  EXPECT_EQ(has(marc_, {"Espace commun", "Comptes"}), Level::edit);
  EXPECT_EQ(make_folder(*tx_, nour_, {nour_.home}, {"Espace commun", "x"}).error().code,
            Code::forbidden);
  EXPECT_TRUE(make_folder(*tx_, marc_, {marc_.home}, {"Espace commun", "x"}));
  expect_sound();
}

TEST_F(Levels, AFolderMayBeMoreOpenThanItsPlaceAndNeverLess) {
  set(common(), {Kind::everyone}, Level::see);
  set(accounts(), bureau(), Level::edit);
  EXPECT_EQ(has(marc_, {"Espace commun"}), Level::see);
  EXPECT_EQ(has(marc_, {"Espace commun", "Photos"}), Level::see);
  EXPECT_EQ(has(marc_, {"Espace commun", "Comptes"}), Level::edit);
  EXPECT_EQ(has(nour_, {"Espace commun", "Comptes"}), Level::see);
  set(common(), {Kind::everyone}, Level::edit);
  set(accounts(), bureau(), Level::see);
  EXPECT_EQ(has(marc_, {"Espace commun", "Comptes"}), Level::edit) << "rights add up";
  set(common(), {Kind::everyone}, std::nullopt);
  EXPECT_FALSE(seen_by(marc_, {"Espace commun"}));
  EXPECT_EQ(has(marc_, {"Comptes"}), Level::see) << "what is left to them is in their own files";
  EXPECT_FALSE(seen_by(nour_, {"Comptes"}));
  expect_sound();
}

TEST_F(Levels, ExactlyThoseWhoSeeTheFolderAreToldByTheirEtags) {
  Seq marc = root_of(marc_);
  Seq nour = root_of(nour_);
  Seq letters = seen_by(marc_, {"Le bureau"})->seq;
  set(of_bureau(), bureau(), Level::see);
  EXPECT_NE(root_of(marc_), marc);
  EXPECT_NE(seen_by(marc_, {"Le bureau"})->seq, letters);
  EXPECT_EQ(root_of(nour_), nour) << "nour is not in it";
  set(of_bureau(), {Kind::everyone}, Level::drop);
  EXPECT_NE(root_of(nour_), nour);
  EXPECT_EQ(has(nour_, {"Le bureau"}), Level::drop);
}

TEST_F(Levels, WhatIsSoAlreadyChangesNothing) {
  Seq marc = root_of(marc_);
  EXPECT_EQ(set_level(*tx_, of_bureau(), bureau(), Level::edit).value(), LevelSet::as_before);
  EXPECT_EQ(set_level(*tx_, of_bureau(), {Kind::everyone}, std::nullopt).value(),
            LevelSet::as_before);
  EXPECT_EQ(root_of(marc_), marc);
  EXPECT_EQ(set_level(*tx_, of_bureau(), {Kind::everyone}, Level::see).value(), LevelSet::given);
  EXPECT_EQ(set_level(*tx_, of_bureau(), {Kind::everyone}, Level::edit).value(), LevelSet::changed);
  EXPECT_EQ(set_level(*tx_, of_bureau(), {Kind::everyone}, std::nullopt).value(),
            LevelSet::taken_back);
  EXPECT_EQ(access::grants_on(*tx_, of_bureau().id).size(), 2u);
}

TEST_F(Levels, APlaceIsAlwaysManaged) {
  for (std::optional<Level> level : {std::optional(Level::edit), std::optional<Level>()}) {
    EXPECT_EQ(set_level(*tx_, common(), {Kind::gestion}, level).error().code, Code::conflict);
    EXPECT_EQ(set_level(*tx_, of_bureau(), bureau(Kind::managers), level).error().code,
              Code::conflict);
  }
  EXPECT_TRUE(set_level(*tx_, common(), {Kind::gestion}, Level::manage));
  set(common(), bureau(Kind::managers), Level::manage);
  set(common(), bureau(Kind::managers), Level::edit);
  set(accounts(), {Kind::gestion}, Level::see);
  ASSERT_TRUE(files::set_role(*tx_, nour_.member, members::Role::gestion));
  EXPECT_EQ(has(again(nour_), {"Espace commun", "Comptes"}), Level::manage) << "from above";
}

TEST_F(Levels, OnlyFoldersOfThePlacesOfTheSpaceHaveThem) {
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"Docs"}));
  ASSERT_TRUE(put_text({"Espace commun", "a.txt"}, "abc"));
  auto none = [&](NodeId id) { return place_folder(*tx_, id).error().code == Code::not_found; };
  EXPECT_TRUE(none(caller_.home));
  EXPECT_TRUE(none(at({"Docs"})->id));
  EXPECT_TRUE(none(at({"Espace commun", "a.txt"})->id));
  for (std::int64_t id : {0, 1, 2, 4711}) EXPECT_TRUE(none(NodeId{id})) << id;
  auto binned = accounts().id;
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"Espace commun", "Comptes"}));
  EXPECT_TRUE(none(binned));
  EXPECT_EQ(common().name, "Espace commun");
  EXPECT_EQ(common().spot(), access::Spot::root);
  auto photos = *place_folder(*tx_, at({"Espace commun", "Photos"})->id);
  EXPECT_EQ(photos.name, "Photos");
  EXPECT_EQ(photos.spot(), access::Spot::below);
  EXPECT_EQ(photos.place.root, common().id);
}

TEST_F(Levels, AGroupThatIsRemovedTakesWhatItWasGivenAndWhatItsFolderGaveAlong) {
  set(of_bureau(), {Kind::member, nour_.member.value}, Level::see);
  set(accounts(), bureau(), Level::manage);
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"Docs"}));
  ASSERT_TRUE(give(*tx_, at({"Docs"})->id, bureau(), access::kSee, std::nullopt));
  EXPECT_TRUE(seen_by(nour_, {"Le bureau"}));
  EXPECT_TRUE(seen_by(marc_, {"Docs"}));
  ASSERT_TRUE(remove_group(*tx_, *members::find_group(*tx_, "bureau")));
  marc_ = again(marc_);
  for (const auto& person : {marc_, nour_}) {
    EXPECT_FALSE(seen_by(person, {"Le bureau"})) << person.uid;
    EXPECT_FALSE(seen_by(person, {"Docs"})) << person.uid;
    EXPECT_EQ(has(person, {"Espace commun", "Comptes"}), Level::edit) << person.uid;
  }
  auto mounts = tx_->query("SELECT count(*) FROM mount");
  ASSERT_TRUE(mounts.next());
  EXPECT_EQ(mounts.int64(0), 3) << "the common place, thrice";
  expect_sound();
}

}  // namespace
}  // namespace essaim::files
