#include "features/files/trash.h"

#include "base/text/text.h"
#include "features/files/internal/fixture.h"
#include "features/files/properties.h"
#include "features/files/quota.h"
#include "features/files/versions.h"

namespace essaim::files {
namespace {

Code code_of(const auto& result) {
  return result ? Code::internal : result.error().code;
}

class Bin : public internal::SpaceFixture {
 protected:
  void folder(const Path& path) { ASSERT_TRUE(make_folder(*tx_, caller_, place_, path)); }
  void drop(const Path& path) { ASSERT_TRUE(remove(*tx_, caller_, place_, path)); }
  std::vector<Binned> bin() { return *list_bin(*tx_, caller_, place_); }
  Result<Node> back(const Path& path) { return restore(*tx_, caller_, place_, path); }
  // Every count is right, and an entry of a bin has its row.
  void TearDown() override {
    EXPECT_THAT(recount(*tx_), testing::IsEmpty());
    SpaceFixture::TearDown();
  }
};

TEST_F(Bin, KeepsWhatWasDeletedWithWhoWhenAndWhere) {
  folder({"Docs"});
  auto file = put_text({"Docs", "plan.txt"}, "hello");
  set_favorite(*tx_, caller_, file->node.id, true);
  ASSERT_TRUE(set_property(*tx_, caller_, file->node.id, {"urn:x", "k", "v"}));
  drop({"Docs", "plan.txt"});
  auto entries = bin();
  ASSERT_EQ(entries.size(), 1u);
  const Binned& entry = entries[0];
  EXPECT_EQ(entry.bin_name, "plan.txt.d1700000000");
  EXPECT_EQ(entry.node.name, "plan.txt");
  EXPECT_EQ(entry.origin, "Docs/plan.txt");
  EXPECT_EQ(entry.deleted, 1'700'000'000);
  EXPECT_EQ(entry.deleted_by, "lea");
  EXPECT_EQ(at({})->size, 0);
  EXPECT_EQ(used_by_space(*tx_), 5);

  auto node = back({entry.bin_name});
  ASSERT_TRUE(node);
  EXPECT_EQ(node->id, file->node.id);
  EXPECT_EQ(node->seq, file->node.seq);
  EXPECT_TRUE(bin().empty());
  auto again = at({"Docs", "plan.txt"});
  EXPECT_TRUE(again->favorite);
  EXPECT_EQ(properties(*tx_, caller_, again->id, false)[again->id.value].at(0).value, "v");
  EXPECT_EQ(at({})->size, 5);
}

TEST_F(Bin, ARestoreMovesTheEtagsAboveAndMakesMissingFoldersAgain) {
  folder({"a"});
  folder({"a", "b"});
  ASSERT_TRUE(put_text({"a", "b", "f"}, "x"));
  drop({"a", "b", "f"});
  drop({"a"});
  Seq root = at({})->seq;
  ASSERT_TRUE(back({"f.d1700000000"}));
  ASSERT_TRUE(at({"a", "b", "f"}));
  EXPECT_GT(at({})->seq, root);
  // The old folder comes back beside the one that was made again.
  ASSERT_TRUE(back({"a.d1700000000"}));
  EXPECT_TRUE(at({"a (restored)", "b"}));
}

TEST_F(Bin, ARestoreFollowsTheFolderThatWasRenamed) {
  folder({"old"});
  ASSERT_TRUE(put_text({"old", "f"}, "x"));
  drop({"old", "f"});
  ASSERT_TRUE(move(*tx_, caller_, place_, {"old"}, {"new"}, Overwrite::no));
  ASSERT_TRUE(back({"f.d1700000000"}));
  EXPECT_TRUE(at({"new", "f"}));
  EXPECT_EQ(code_of(at({"old"})), Code::not_found);
}

TEST_F(Bin, ANameThatIsTakenGivesAnother) {
  for (std::string content : {"1", "22", "333"}) {
    ASSERT_TRUE(put_text({"a.tar.gz"}, content));
    drop({"a.tar.gz"});
  }
  ASSERT_TRUE(put_text({"a.tar.gz"}, "now"));
  auto entries = bin();
  ASSERT_EQ(entries.size(), 3u);
  for (const auto& entry : entries) ASSERT_TRUE(back({entry.bin_name}));
  EXPECT_TRUE(at({"a.tar (restored).gz"}));
  EXPECT_TRUE(at({"a.tar (restored 2).gz"}));
  EXPECT_TRUE(at({"a.tar (restored 3).gz"}));
  std::string longest(kNameMax - 2, 'n');
  longest += "é";
  ASSERT_TRUE(put_text({longest}, "x"));
  drop({longest});
  ASSERT_TRUE(put_text({longest}, "y"));
  auto node = back({bin().at(0).bin_name});
  ASSERT_TRUE(node);
  EXPECT_LE(node->name.size(), kNameMax);
  EXPECT_TRUE(text::valid_utf8(node->name));
  EXPECT_TRUE(node->name.ends_with(" (restored)"));
}

TEST_F(Bin, AFileWhereAFolderWasIsLeftAlone) {
  folder({"a"});
  ASSERT_TRUE(put_text({"a", "f"}, "x"));
  drop({"a", "f"});
  drop({"a"});
  ASSERT_TRUE(put_text({"a"}, "a file"));
  ASSERT_TRUE(back({"f.d1700000000"}));
  EXPECT_EQ(at({"a"})->kind, Kind::file);
  EXPECT_TRUE(at({"a (restored)", "f"}));
}

TEST_F(Bin, ADeletedFolderIsBrowsedAndGivesBackSinglePieces) {
  folder({"d"});
  folder({"d", "e"});
  ASSERT_TRUE(put_text({"d", "e", "f"}, "abc"));
  ASSERT_TRUE(put_text({"d", "g"}, "defg"));
  drop({"d"});
  auto top = find_binned(*tx_, caller_, place_, {"d.d1700000000"});
  ASSERT_TRUE(top);
  EXPECT_EQ(top->node.size, 7);
  auto inside = list_binned(*tx_, caller_, *top);
  ASSERT_EQ(inside.size(), 2u);
  EXPECT_EQ(inside[0].origin, "d/e");
  auto file = find_binned(*tx_, caller_, place_, {"d.d1700000000", "e", "f"});
  EXPECT_EQ(file->origin, "d/e/f");
  EXPECT_EQ(file->deleted, 1'700'000'000);
  ASSERT_TRUE(back({"d.d1700000000", "e", "f"}));
  EXPECT_EQ(at({"d", "e", "f"})->size, 3);
  EXPECT_EQ(find_binned(*tx_, caller_, place_, {"d.d1700000000"})->node.size, 4);
  ASSERT_TRUE(remove_binned(*tx_, caller_, place_, {"d.d1700000000", "g"}));
  EXPECT_EQ(used_by_space(*tx_), 3);
  EXPECT_EQ(code_of(find_binned(*tx_, caller_, place_, {"d.d1700000000", "g"})), Code::not_found);
}

TEST_F(Bin, AFolderThatLostSomethingInThereComesBackWithAnotherEtag) {
  folder({"d"});
  folder({"d", "e"});
  ASSERT_TRUE(put_text({"d", "e", "f"}, "abc"));
  ASSERT_TRUE(put_text({"d", "e", "g"}, "abc"));
  auto before = at({"d"});
  drop({"d"});
  ASSERT_TRUE(remove_binned(*tx_, caller_, place_, {"d.d1700000000", "e", "f"}));
  auto less = find_binned(*tx_, caller_, place_, {"d.d1700000000"})->node.seq;
  EXPECT_NE(less, before->seq);
  ASSERT_TRUE(back({"d.d1700000000", "e", "g"}));
  ASSERT_TRUE(back({"d.d1700000000"}));
  EXPECT_NE(at({"d (restored)"})->seq, less);
}

TEST_F(Bin, WhatAMoveOrACopyReplacesIsThere) {
  ASSERT_TRUE(put_text({"a"}, "1"));
  ASSERT_TRUE(put_text({"b"}, "22"));
  ASSERT_TRUE(put_text({"c"}, "333"));
  ASSERT_TRUE(move(*tx_, caller_, place_, {"a"}, {"b"}, Overwrite::yes));
  ASSERT_TRUE(
      copy(*tx_, *blobs_, caller_, place_, {"b"}, {"c"}, Overwrite::yes, CopyDepth::everything));
  auto entries = bin();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].origin, "c");
  EXPECT_EQ(entries[0].node.size, 3);
  EXPECT_EQ(entries[1].origin, "b");
  EXPECT_EQ(used_by_space(*tx_), 7);
}

TEST_F(Bin, NobodyElseSeesIt) {
  ASSERT_TRUE(put_text({"a"}, "1"));
  drop({"a"});
  auto tom = member("tom");
  auto home = *access::files_of(tom, "tom");
  EXPECT_TRUE(list_bin(*tx_, tom, home)->empty());
  EXPECT_EQ(code_of(restore(*tx_, tom, home, {"a.d1700000000"})), Code::not_found);
  ASSERT_TRUE(empty_bin(*tx_, tom));
  EXPECT_EQ(bin().size(), 1u);
}

TEST_F(Bin, RightsAreAsked) {
  auto group = create_group(*tx_, "bureau", "Bureau");
  ASSERT_TRUE(group);
  auto tom = member("tom");
  join_group(*tx_, group->id, caller_.member, members::Manager::yes);
  join_group(*tx_, group->id, tom.member, members::Manager::no);
  caller_ = again(caller_);
  tom = again(tom);
  ASSERT_TRUE(put_text({"Bureau", "a"}, "1"));
  drop({"Bureau", "a"});
  auto entries = list_bin(*tx_, tom, {tom.home});
  ASSERT_EQ(entries->size(), 1u);
  EXPECT_EQ(entries->at(0).under + entries->at(0).origin, "Bureau/a");
  Path path{entries->at(0).bin_name};
  EXPECT_EQ(code_of(remove_binned(*tx_, tom, {tom.home}, path)), Code::forbidden)
      << "only who manages the place ends things for good";
  ASSERT_TRUE(restore(*tx_, tom, {tom.home}, path));
  drop({"Bureau", "a"});
  ASSERT_TRUE(empty_bin(*tx_, caller_));
  EXPECT_EQ(bin().size(), 1u) << "emptying is of one's own bin";
  ASSERT_TRUE(remove_binned(*tx_, caller_, place_, {bin().at(0).bin_name}));
  EXPECT_TRUE(leave_group(*tx_, group->id, tom.member));
  EXPECT_TRUE(list_bin(*tx_, again(tom), {tom.home})->empty());
}

TEST_F(Bin, EmptyingIsAtOnceAndTheRestIsPurged) {
  folder({"d"});
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(put_text({"d", std::to_string(i)}, "x"));
    ASSERT_TRUE(put_text({"d", std::to_string(i)}, "yy"));
  }
  drop({"d"});
  ASSERT_TRUE(put_text({"z"}, "zzz"));
  drop({"z"});
  EXPECT_EQ(used_by_space(*tx_), 63);
  ASSERT_TRUE(empty_bin(*tx_, caller_));
  EXPECT_EQ(used_by_space(*tx_), 0);
  EXPECT_TRUE(bin().empty());
  // A new bin works while the old one is still being purged, and what waits there does not expire
  // a second time.
  ASSERT_TRUE(put_text({"y"}, "y"));
  drop({"y"});
  wait(86'400);
  EXPECT_EQ(expire_bins(*tx_, Duration(1), 100), 1);
  EXPECT_EQ(used_by_space(*tx_), 0);
  EXPECT_GT(purge(*tx_, *blobs_, 7), 0);
  while (purge(*tx_, *blobs_, 7) > 0) {
  }
  auto refs = tx_->query(R"sql(SELECT coalesce(sum(refs), 0) FROM blob)sql");
  ASSERT_TRUE(refs.next());
  EXPECT_EQ(refs.int64(0), 0);
}

TEST_F(Bin, WhatIsOldExpires) {
  ASSERT_TRUE(put_text({"old"}, "1"));
  drop({"old"});
  wait(20 * 86'400);
  ASSERT_TRUE(put_text({"young"}, "22"));
  drop({"young"});
  wait(11 * 86'400);
  EXPECT_EQ(expire_bins(*tx_, Duration(30LL * 86'400'000), 100), 1);
  ASSERT_EQ(bin().size(), 1u);
  EXPECT_EQ(bin()[0].origin, "young");
  EXPECT_EQ(used_by_space(*tx_), 2);
}

TEST_F(Bin, AFullSpaceLetsTheOldestGoFirst) {
  store::set_quota(*tx_, 100);
  for (std::string name : {"a", "b", "c"}) {
    ASSERT_TRUE(put_text({name}, std::string(30, name[0])));
    drop({name});
    wait(1);
  }
  EXPECT_EQ(quota(*tx_, place_.root).available, 100);
  EXPECT_EQ(quota(*tx_, place_.root).used, 0);
  ASSERT_TRUE(put_text({"new"}, std::string(40, 'n')));
  ASSERT_EQ(bin().size(), 2u) << "no more than needed";
  EXPECT_EQ(bin()[1].origin, "b");
  ASSERT_TRUE(put_text({"newer"}, std::string(60, 'n')));
  EXPECT_TRUE(bin().empty());
  EXPECT_EQ(code_of(put_text({"too much"}, "x")), Code::quota_exceeded);
}

TEST_F(Bin, AMembersOwnLimitTakesFromThatMembersBinAlone) {
  auto tom = member("tom", 10);
  auto home = *access::files_of(tom, "tom");
  ASSERT_TRUE(put_text({"leas"}, "12345"));
  drop({"leas"});
  wait(1);
  auto first = blob("12345678");
  ASSERT_TRUE(put(*tx_, *blobs_, tom, home, {"t"}, {first, "", {}, {}}));
  ASSERT_TRUE(remove(*tx_, tom, home, {"t"}));
  auto second = blob("abcdefgh");
  ASSERT_TRUE(put(*tx_, *blobs_, tom, home, {"u"}, {second, "", {}, {}}));
  EXPECT_TRUE(list_bin(*tx_, tom, home)->empty());
  EXPECT_EQ(bin().size(), 1u);
}

TEST_F(Bin, ARestoreHasToFit) {
  ASSERT_TRUE(put_text({"a"}, "12345"));
  ASSERT_TRUE(put_text({"b"}, "12345"));
  drop({"a"});
  store::set_quota(*tx_, 8);
  EXPECT_EQ(code_of(back({"a.d1700000000"})), Code::quota_exceeded);
  store::set_quota(*tx_, 10);
  EXPECT_TRUE(back({"a.d1700000000"}));
}

TEST_F(Bin, ANearlyFullSpaceIsGivenSomeRoom) {
  store::set_quota(*tx_, 1'000);
  ASSERT_TRUE(put_text({"stays"}, std::string(900, 's')));
  for (std::string name : {"a", "b", "c"}) {
    ASSERT_TRUE(put_text({name}, std::string(30, name[0])));
    drop({name});
  }
  EXPECT_EQ(keep_room(*tx_, *blobs_, 100), 2) << "50 bytes are to be free";
  EXPECT_EQ(bin().size(), 1u);
  EXPECT_EQ(keep_room(*tx_, *blobs_, 100), 0);
  EXPECT_TRUE(at({"stays"}));
}

}  // namespace
}  // namespace essaim::files
