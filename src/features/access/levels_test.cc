#include "features/access/levels.h"

#include <gtest/gtest.h>

namespace essaim::access {
namespace {

TEST(Levels, AreRightsAndBack) {
  for (Level level : kLevels) {
    EXPECT_EQ(level_of(rights_of(level)), level);
    EXPECT_EQ(level_named(name(level)), level);
  }
  EXPECT_FALSE(level_of({})) << "nothing is no level";
  EXPECT_FALSE(level_of({.read = true})) << "a look without the content is a share's";
  for (const char* word : {"", "none", "See", "admin", "voir"}) EXPECT_FALSE(level_named(word));
}

TEST(Levels, AddUpAsRightsDo) {
  EXPECT_EQ(level_of(kSee | kEdit), Level::edit);
  EXPECT_EQ(level_of(kComment | kSee), Level::comment);
  EXPECT_EQ(level_of(kManage | kDrop), Level::manage);
  EXPECT_FALSE(level_of(kSee | kDrop)) << "see, and drop things in, is neither";
  EXPECT_EQ(words_of(kSee | kDrop), (std::vector<std::string_view>{"read", "create", "download"}));
}

TEST(Levels, WhoeverManagesSetsThemAndGestionForWholePlaces) {
  Caller member;
  Caller gestion;
  gestion.role = members::Role::gestion;
  for (Spot spot : {Spot::root, Spot::below}) {
    EXPECT_TRUE(may_set_levels(member, kManage, spot));
    EXPECT_FALSE(may_set_levels(member, kEdit, spot));
    EXPECT_FALSE(may_list_levels(member, kComment, spot));
    EXPECT_TRUE(may_list_levels(member, kEdit, spot)) << "they may give it on";
  }
  EXPECT_TRUE(may_set_levels(gestion, {}, Spot::root));
  EXPECT_TRUE(may_list_levels(gestion, {}, Spot::root));
  EXPECT_FALSE(may_set_levels(gestion, {}, Spot::below)) << "what is in there is not theirs to see";
  EXPECT_FALSE(may_list_levels(gestion, {}, Spot::below));
}

}  // namespace
}  // namespace essaim::access
