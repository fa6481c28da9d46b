#include "features/files/internal/fixture.h"
#include "features/files/node.h"
#include "features/files/trash.h"

namespace essaim::files {
namespace {

class NodeById : public internal::SpaceFixture {};

TEST_F(NodeById, FindsWhatLiesBelowTheRoot) {
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"a"}));
  ASSERT_TRUE(put_text({"a", "b.txt"}, "one"));
  auto node = *at({"a", "b.txt"});
  auto found = find_by_id(*tx_, caller_, place_, node.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "b.txt");
  EXPECT_EQ(found->blob, node.blob);
  EXPECT_TRUE(find_by_id(*tx_, caller_, place_, place_.root));
}

TEST_F(NodeById, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(find_by_id(*tx_, caller_, place_, NodeId{987'654}).error().code, Code::not_found);
  // The root of everything, and what waits to be purged.
  EXPECT_EQ(find_by_id(*tx_, caller_, place_, NodeId{1}).error().code, Code::not_found);
  EXPECT_EQ(find_by_id(*tx_, caller_, place_, NodeId{2}).error().code, Code::not_found);
}

TEST_F(NodeById, AnotherMembersFileIsNotFound) {
  ASSERT_TRUE(put_text({"mine.txt"}, "one"));
  auto node = *at({"mine.txt"});
  auto marc = member("marc");
  auto theirs = *access::files_of(marc, "marc");
  EXPECT_EQ(find_by_id(*tx_, marc, theirs, node.id).error().code, Code::not_found);
}

TEST_F(NodeById, WhatWasDeletedIsNotFound) {
  ASSERT_TRUE(put_text({"gone.txt"}, "one"));
  auto node = *at({"gone.txt"});
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"gone.txt"}));
  EXPECT_EQ(find_by_id(*tx_, caller_, place_, node.id).error().code, Code::not_found);
  auto binned = find_binned_by_id(*tx_, caller_, place_, node.id);
  ASSERT_TRUE(binned);
  EXPECT_EQ(binned->blob, node.blob);
  EXPECT_EQ(binned->name, "gone.txt");
}

TEST_F(NodeById, WhatIsInTheBinOfAnotherIsNotFound) {
  ASSERT_TRUE(put_text({"mine.txt"}, "one"));
  auto node = *at({"mine.txt"});
  EXPECT_EQ(find_binned_by_id(*tx_, caller_, place_, node.id).error().code, Code::not_found);
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"mine.txt"}));
  auto marc = member("marc");
  auto theirs = *access::files_of(marc, "marc");
  EXPECT_EQ(find_binned_by_id(*tx_, marc, theirs, node.id).error().code, Code::not_found);
}

TEST_F(NodeById, AFolderToDropThingsInHidesWhatItHolds) {
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"Box"}));
  ASSERT_TRUE(put_text({"Box", "a.txt"}, "one"));
  auto marc = member("marc");
  share({"Box"}, marc, access::kDrop);
  auto file = at({"Box", "a.txt"})->id;
  EXPECT_EQ(find_by_id(*tx_, marc, {marc.home}, file).error().code, Code::not_found);
  EXPECT_TRUE(find_by_id(*tx_, marc, {marc.home}, at({"Box"})->id));
}

}  // namespace
}  // namespace essaim::files
