#include "features/files/reach.h"

#include "features/files/internal/fixture.h"

namespace essaim::files {
namespace {

class Reach : public internal::SpaceFixture {};

TEST_F(Reach, FindsWhatLiesBelowTheRoot) {
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"a"}));
  ASSERT_TRUE(put_text({"a", "b.txt"}, "one"));
  auto node = *at({"a", "b.txt"});
  auto found = reach(*tx_, place_, node.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "b.txt");
  EXPECT_EQ(found->blob, node.blob);
  EXPECT_TRUE(reach(*tx_, place_, place_.root));
}

TEST_F(Reach, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(reach(*tx_, place_, NodeId{987'654}).error().code, Code::not_found);
  // The root of everything, and what waits to be purged.
  EXPECT_EQ(reach(*tx_, place_, NodeId{1}).error().code, Code::not_found);
  EXPECT_EQ(reach(*tx_, place_, NodeId{2}).error().code, Code::not_found);
}

TEST_F(Reach, AnotherMembersFileIsNotFound) {
  ASSERT_TRUE(put_text({"mine.txt"}, "one"));
  auto node = *at({"mine.txt"});
  auto marc = member("marc");
  auto theirs = *access::files_of(marc, "marc");
  EXPECT_EQ(reach(*tx_, theirs, node.id).error().code, Code::not_found);
}

TEST_F(Reach, WhatWasDeletedIsNotFound) {
  ASSERT_TRUE(put_text({"gone.txt"}, "one"));
  auto node = *at({"gone.txt"});
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"gone.txt"}));
  EXPECT_EQ(reach(*tx_, place_, node.id).error().code, Code::not_found);
}

TEST_F(Reach, APlaceThatMayNotBeReadHidesEverything) {
  ASSERT_TRUE(put_text({"a.txt"}, "one"));
  auto closed = place_;
  closed.rights.read = false;
  EXPECT_EQ(reach(*tx_, closed, at({"a.txt"})->id).error().code, Code::not_found);
}

}  // namespace
}  // namespace essaim::files
