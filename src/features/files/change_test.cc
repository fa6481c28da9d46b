#include "features/files/change.h"

#include "features/files/internal/fixture.h"
#include "features/files/properties.h"
#include "features/files/quota.h"
#include "features/files/trash.h"
#include "features/files/uploads.h"

namespace essaim::files {
namespace {

using Files = internal::SpaceFixture;

Code code_of(const auto& result) {
  return result ? Code::internal : result.error().code;
}

TEST_F(Files, AFileKeepsItsIdWhenItsContentChanges) {
  auto first = put_text({"a.txt"}, "one");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->outcome, Outcome::created);
  auto second = put_text({"a.txt"}, "three");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->outcome, Outcome::replaced);
  EXPECT_EQ(second->node.id, first->node.id);
  EXPECT_NE(second->node.seq, first->node.seq);
  EXPECT_EQ(at({})->size, 5);
  EXPECT_EQ(at({})->files, 1);
}

TEST_F(Files, AnIdIsNeverUsedTwice) {
  auto first = put_text({"a.txt"}, "one");
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"a.txt"}));
  ASSERT_TRUE(empty_bin(*tx_, caller_));
  while (purge(*tx_, *blobs_, 10) > 0) {
  }
  auto second = put_text({"a.txt"}, "one");
  EXPECT_GT(second->node.id, first->node.id);
}

TEST_F(Files, AMissingParentIsAConflictAndAFolderIsNoFile) {
  EXPECT_EQ(code_of(put_text({"no", "a"}, "x")), Code::conflict);
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"d"}));
  EXPECT_EQ(code_of(put_text({"d"}, "x")), Code::wrong_kind);
  EXPECT_EQ(code_of(make_folder(*tx_, caller_, place_, {"d"})), Code::exists);
  EXPECT_EQ(code_of(make_folder(*tx_, caller_, place_, {"x", "y"})), Code::conflict);
  ASSERT_TRUE(put_text({"f"}, "x"));
  EXPECT_EQ(code_of(put_text({"f", "below"}, "x")), Code::conflict);
}

TEST_F(Files, NamesThatNoClientCouldKeepAreRefused) {
  for (std::string name : {"a/b", "a\\b", "a\nb", ".htaccess", "x.part", "y.FilePart"}) {
    EXPECT_EQ(code_of(put_text({name}, "x")), Code::invalid_name) << name;
  }
  EXPECT_EQ(code_of(put_text({std::string(251, 'n')}, "x")), Code::invalid_name);
  EXPECT_EQ(code_of(put_text({"a\xEF\xBF\xBF"}, "x")), Code::invalid_name);
  EXPECT_TRUE(put_text({std::string(250, 'n')}, "x"));
  EXPECT_TRUE(put_text({"\xF0\x9F\x90\x9D été.txt "}, "x"));
}

TEST_F(Files, AMoveKeepsIdAndEtagAndCostsNothingBelow) {
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"a"}));
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"b"}));
  ASSERT_TRUE(put_text({"a", "f"}, "hello"));
  auto before = at({"a", "f"});
  auto moved = move(*tx_, caller_, place_, {"a", "f"}, {"b", "g"}, Overwrite::no);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->node.id, before->id);
  EXPECT_EQ(moved->node.seq, before->seq);
  EXPECT_EQ(at({"a"})->size, 0);
  EXPECT_EQ(at({"b"})->size, 5);
  EXPECT_EQ(code_of(at({"a", "f"})), Code::not_found);
}

TEST_F(Files, AMoveIntoItselfOrOntoItsAncestorIsForbidden) {
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"a"}));
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"a", "b"}));
  EXPECT_EQ(code_of(move(*tx_, caller_, place_, {"a"}, {"a"}, Overwrite::yes)), Code::forbidden);
  EXPECT_EQ(code_of(move(*tx_, caller_, place_, {"a"}, {"a", "b", "c"}, Overwrite::yes)),
            Code::forbidden);
  EXPECT_EQ(code_of(move(*tx_, caller_, place_, {"a", "b"}, {"a"}, Overwrite::yes)),
            Code::forbidden);
  EXPECT_EQ(code_of(move(*tx_, caller_, place_, {}, {"x"}, Overwrite::yes)), Code::forbidden);
  EXPECT_TRUE(recount(*tx_).empty());
}

TEST_F(Files, ACaseOnlyRenameWorks) {
  ASSERT_TRUE(put_text({"readme"}, "x"));
  auto moved = move(*tx_, caller_, place_, {"readme"}, {"README"}, Overwrite::no);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->outcome, Outcome::created);
  EXPECT_EQ(code_of(at({"readme"})), Code::not_found);
}

TEST_F(Files, OverwritingIsRefusedUnlessAsked) {
  ASSERT_TRUE(put_text({"a"}, "1"));
  ASSERT_TRUE(put_text({"b"}, "22"));
  EXPECT_EQ(code_of(move(*tx_, caller_, place_, {"a"}, {"b"}, Overwrite::no)), Code::exists);
  EXPECT_EQ(code_of(copy(*tx_, *blobs_, caller_, place_, {"a"}, {"b"}, Overwrite::no,
                         CopyDepth::everything)),
            Code::exists);
  auto moved = move(*tx_, caller_, place_, {"a"}, {"b"}, Overwrite::yes);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->outcome, Outcome::replaced);
  EXPECT_EQ(at({})->size, 1);
  EXPECT_TRUE(recount(*tx_).empty());
}

TEST_F(Files, ACopyHasNewIdsAndTheSameContents) {
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"a"}));
  ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"a", "b"}));
  auto original = put_text({"a", "b", "f"}, "hello");
  ASSERT_TRUE(set_property(*tx_, caller_, original->node.id, {"urn:x", "k", "v"}));
  auto copied =
      copy(*tx_, *blobs_, caller_, place_, {"a"}, {"c"}, Overwrite::no, CopyDepth::everything);
  ASSERT_TRUE(copied);
  auto file = at({"c", "b", "f"});
  ASSERT_TRUE(file);
  EXPECT_NE(file->id, original->node.id);
  EXPECT_EQ(file->blob, original->node.blob);
  EXPECT_EQ(properties(*tx_, caller_, file->id, false).size(), 1u);
  auto alone =
      copy(*tx_, *blobs_, caller_, place_, {"a"}, {"d"}, Overwrite::no, CopyDepth::folder_only);
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->node.size, 0);
  EXPECT_EQ(code_of(at({"d", "b"})), Code::not_found);
  EXPECT_TRUE(recount(*tx_).empty());
}

TEST_F(Files, TheQuotaHoldsAndShrinkingIsAlwaysAllowed) {
  store::set_quota(*tx_, 10);
  ASSERT_TRUE(put_text({"a"}, "12345678"));
  EXPECT_EQ(code_of(put_text({"b"}, "123")), Code::quota_exceeded);
  EXPECT_EQ(code_of(copy(*tx_, *blobs_, caller_, place_, {"a"}, {"c"}, Overwrite::no,
                         CopyDepth::everything)),
            Code::quota_exceeded);
  store::set_quota(*tx_, 4);
  EXPECT_TRUE(put_text({"a"}, "1234567"));
  EXPECT_EQ(quota(*tx_, place_.root).available, 0);
}

TEST_F(Files, AMembersOwnQuotaHoldsBesideTheSpaces) {
  auto tom = member("tom", 3);
  auto home = *access::files_of(tom, "tom");
  auto content = blob("1234");
  EXPECT_EQ(code_of(put(*tx_, *blobs_, tom, home, {"a"}, {content, "", {}, {}})),
            Code::quota_exceeded);
  EXPECT_EQ(code_of(access::files_of(tom, "lea")), Code::not_found);
}

TEST_F(Files, TimesThatClientsRefuseAreMendedAndRemovalKeepsCounts) {
  auto content = blob("x");
  auto old = put(*tx_, *blobs_, caller_, place_, {"old"}, {content, "", -5, {}});
  EXPECT_EQ(old->node.mtime, 1);
  ASSERT_TRUE(set_mtime(*tx_, old->node, 0));
  EXPECT_EQ(at({"old"})->mtime, 1);
  EXPECT_NE(at({"old"})->seq, old->node.seq);
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"old"}));
  EXPECT_EQ(at({})->size, 0);
  EXPECT_EQ(used_by_space(*tx_), 1) << "the bin counts";
  ASSERT_TRUE(empty_bin(*tx_, caller_));
  EXPECT_EQ(used_by_space(*tx_), 0);
}

TEST_F(Files, PurgeTakesADeepTreeInSlices) {
  Path path;
  for (int i = 0; i < 30; ++i) {
    path.push_back("d");
    ASSERT_TRUE(make_folder(*tx_, caller_, place_, path));
    path.push_back("f");
    ASSERT_TRUE(put_text(path, "x"));
    path.pop_back();
  }
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"d"}));
  EXPECT_EQ(purge(*tx_, *blobs_, 1), 0) << "what is in the bin stays";
  ASSERT_TRUE(empty_bin(*tx_, caller_));
  int slices = 0;
  while (purge(*tx_, *blobs_, 7) > 0) ASSERT_LT(++slices, 100);
  auto left = tx_->query(R"sql(SELECT count(*) FROM node)sql");
  ASSERT_TRUE(left.next());
  EXPECT_EQ(left.int64(0), 4);  // the root, the purge folder, the common place, the home
  EXPECT_TRUE(recount(*tx_).empty());
}

TEST_F(Files, DeadPropertiesHaveLimits) {
  auto node = put_text({"a"}, "x")->node.id;
  EXPECT_EQ(code_of(set_property(*tx_, caller_, node, {"n", "k", std::string(70'000, 'v')})),
            Code::too_large);
  EXPECT_EQ(code_of(set_property(*tx_, caller_, node, {"n", std::string(300, 'k'), "v"})),
            Code::too_large);
  ASSERT_TRUE(set_property(*tx_, caller_, node, {"n", "k", "v"}));
  ASSERT_TRUE(set_property(*tx_, caller_, node, {"n", "k", "w"}));
  EXPECT_EQ(properties(*tx_, caller_, node, false)[node.value].at(0).value, "w");
  remove_property(*tx_, caller_, node, "n", "k");
  EXPECT_TRUE(properties(*tx_, caller_, node, false).empty());
}

TEST_F(Files, PartsComeInTheOrderTheirClientsCount) {
  EXPECT_TRUE(before("2", "10"));
  EXPECT_TRUE(before("0000000000000009", "0000000000000010"));
  EXPECT_TRUE(before("000000000000000-000000010485759", "000000010485760-000000020971519"));
  EXPECT_FALSE(before("1", "1"));
  // Equal numbers, other names: one comes first, always the same.
  EXPECT_TRUE(before("01", "1"));
  EXPECT_FALSE(before("1", "01"));
  auto upload = begin_upload(*tx_, caller_, "web-file-upload-1");
  ASSERT_TRUE(upload);
  EXPECT_EQ(code_of(begin_upload(*tx_, caller_, "web-file-upload-1")), Code::exists);
  EXPECT_EQ(code_of(begin_upload(*tx_, caller_, "../x")), Code::invalid_name);
  for (std::string name : {"10", "9", "1"}) {
    ASSERT_TRUE(add_part(*tx_, *blobs_, *upload, name, blob("part " + name)));
  }
  EXPECT_EQ(add_part(*tx_, *blobs_, *upload, "9", blob("again")).value(), Outcome::replaced);
  auto all = parts(*tx_, *upload);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name, "1");
  EXPECT_EQ(all[1].name, "9");
  EXPECT_EQ(all[2].name, "10");
  EXPECT_EQ(code_of(find_upload(*tx_, member("tom"), "web-file-upload-1")), Code::not_found);
  remove_upload(*tx_, *blobs_, *upload);
  EXPECT_EQ(code_of(find_upload(*tx_, caller_, "web-file-upload-1")), Code::not_found);
}

}  // namespace
}  // namespace essaim::files
