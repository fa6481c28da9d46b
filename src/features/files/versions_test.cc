#include "features/files/versions.h"

#include <set>

#include "features/files/internal/fixture.h"
#include "features/files/quota.h"
#include "features/files/trash.h"

namespace essaim::files {
namespace {

Code code_of(const auto& result) {
  return result ? Code::internal : result.error().code;
}

class Versions : public internal::SpaceFixture {
 protected:
  void TearDown() override {
    EXPECT_THAT(recount(*tx_), testing::IsEmpty());
    SpaceFixture::TearDown();
  }
  Node save(std::string_view bytes, std::optional<std::int64_t> mtime = {}) {
    auto content = blob(bytes);
    auto done = put(*tx_, *blobs_, caller_, place_, {"f"}, {content, "", mtime, {}});
    EXPECT_TRUE(done);
    return done->node;
  }
  std::vector<std::int64_t> times() {
    std::vector<std::int64_t> out;
    for (const auto& version : versions(*tx_, at({"f"})->id)) out.push_back(version.mtime);
    return out;
  }
  std::string text_of(std::string_view hash) { return blobs_->open(*tx_, hash)->inline_bytes; }
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(Versions, AReplacedContentStaysAsAVersion) {
  save("one", 100);
  save("two!", 200);
  auto node = save("three", 300);
  auto all = versions(*tx_, node.id);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].mtime, 100);
  EXPECT_EQ(all[0].size, 3);
  EXPECT_EQ(all[0].author, "lea");
  EXPECT_EQ(text_of(all[0].blob), "one");
  EXPECT_EQ(text_of(all[1].blob), "two!");
  EXPECT_EQ(node.size, 5);
  EXPECT_EQ(node.kept, 7);
  EXPECT_EQ(at({})->size, 5) << "a folder shows contents alone";
  EXPECT_EQ(used_by_space(*tx_), 12);
}

TEST_F(Versions, EmptyAndEqualContentsLeaveNone) {
  save("", 100);
  save("a", 200);
  save("a", 300);
  EXPECT_THAT(times(), IsEmpty());
  save("b", 400);
  EXPECT_THAT(times(), ElementsAre(300));
}

TEST_F(Versions, ManySavesLeaveFewVersions) {
  for (int i = 0; i < 600; ++i) {
    save("content " + std::to_string(i));
    wait(1);
  }
  auto left = times();
  EXPECT_LT(left.size(), 40u);
  EXPECT_GT(left.size(), 10u);
  EXPECT_EQ(left.back() / 2, (now_.seconds() - 2) / 2);
}

TEST_F(Versions, TimeThinsThemByTheRule) {
  // A save every ten minutes for three days, then forty days of quiet.
  for (int i = 0; i < 3 * 144; ++i) {
    save("content " + std::to_string(i));
    wait(600);
  }
  NodeId file = at({"f"})->id;
  auto thinned = thin_versions(*tx_, *blobs_, {}, 10);
  EXPECT_EQ(thinned.files, 1);
  EXPECT_EQ(thinned.last, file);
  // The last hour by minutes, the last day by hours, the rest by days.
  EXPECT_GE(times().size(), 24u + 2);
  EXPECT_LE(times().size(), 6u + 25 + 3);
  auto before = times();
  EXPECT_EQ(thin_versions(*tx_, *blobs_, file, 10).files, 0);
  thin_versions(*tx_, *blobs_, {}, 10);
  EXPECT_EQ(times(), before) << "what goes once is enough";
  wait(40 * 86'400);
  thin_versions(*tx_, *blobs_, {}, 10);
  EXPECT_LE(times().size(), 2u);
  EXPECT_FALSE(times().empty());
}

TEST_F(Versions, ALabelKeepsAVersion) {
  save("one", 1'000'000);
  save("two", 1'000'001);
  NodeId file = at({"f"})->id;
  ASSERT_TRUE(label_version(*tx_, caller_, place_, file, 1'000'000, "signé"));
  save("three", 1'000'001);
  save("four", 1'000'001);
  wait(100 * 86'400);
  save("five", 1'000'002);
  thin_versions(*tx_, *blobs_, {}, 10);
  EXPECT_THAT(times(), ElementsAre(1'000'000, 1'000'001));
  EXPECT_EQ(versions(*tx_, file)[0].label, "signé");
  EXPECT_EQ(code_of(label_version(*tx_, caller_, place_, file, 5, "x")), Code::not_found);
  EXPECT_EQ(code_of(label_version(*tx_, caller_, place_, file, 1'000'000, std::string(251, 'x'))),
            Code::too_large);
  ASSERT_TRUE(label_version(*tx_, caller_, place_, file, 1'000'000, ""));
  thin_versions(*tx_, *blobs_, {}, 10);
  EXPECT_THAT(times(), ElementsAre(1'000'001));
}

TEST_F(Versions, ALabelledVersionIsNotReplacedByOneOfTheSameTime) {
  save("one", 100);
  save("two", 100);
  NodeId file = at({"f"})->id;
  ASSERT_TRUE(label_version(*tx_, caller_, place_, file, 100, "keep"));
  save("three", 100);
  EXPECT_THAT(times(), ElementsAre(100, 101));
  EXPECT_EQ(text_of(find_version(*tx_, file, 100)->blob), "one");
}

TEST_F(Versions, ARestoreSwapsContentAndTime) {
  auto first = save("one", 100);
  save("two!", 200);
  Seq root = at({})->seq;
  auto node = restore_version(*tx_, *blobs_, caller_, place_, first.id, 100);
  ASSERT_TRUE(node);
  EXPECT_EQ(node->id, first.id);
  EXPECT_EQ(node->mtime, 100);
  EXPECT_EQ(text_of(node->blob), "one");
  EXPECT_NE(node->seq, first.seq);
  EXPECT_GT(at({})->seq, root);
  EXPECT_EQ(at({})->size, 3);
  EXPECT_THAT(times(), ElementsAre(200));
  EXPECT_EQ(used_by_space(*tx_), 7);
  // One with a label stays.
  ASSERT_TRUE(label_version(*tx_, caller_, place_, first.id, 200, "v2"));
  ASSERT_TRUE(restore_version(*tx_, *blobs_, caller_, place_, first.id, 200));
  EXPECT_THAT(times(), ElementsAre(100, 200));
  EXPECT_EQ(code_of(restore_version(*tx_, *blobs_, caller_, place_, first.id, 7)), Code::not_found);
}

TEST_F(Versions, AMoveTakesThemAlongAndACopyDoesNot) {
  save("one", 100);
  auto node = save("two", 200);
  ASSERT_TRUE(move(*tx_, caller_, place_, {"f"}, {"g"}, Overwrite::no));
  EXPECT_EQ(versions(*tx_, node.id).size(), 1u);
  auto copied =
      copy(*tx_, *blobs_, caller_, place_, {"g"}, {"h"}, Overwrite::no, CopyDepth::everything);
  ASSERT_TRUE(copied);
  EXPECT_TRUE(versions(*tx_, copied->node.id).empty());
  EXPECT_EQ(copied->node.kept, 0);
}

TEST_F(Versions, TheBinKeepsThemAndThePurgeDropsThem) {
  save("one", 100);
  auto node = save("two", 200);
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"f"}));
  EXPECT_EQ(used_by_space(*tx_), 6);
  EXPECT_EQ(code_of(find_file(*tx_, caller_, place_, node.id)), Code::not_found);
  auto entry = list_bin(*tx_, caller_, place_)->at(0);
  ASSERT_TRUE(restore(*tx_, caller_, place_, {entry.bin_name}));
  EXPECT_THAT(times(), ElementsAre(100));
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"f"}));
  ASSERT_TRUE(empty_bin(*tx_, caller_));
  while (purge(*tx_, *blobs_, 1) > 0) {
  }
  auto refs = tx_->query(R"sql(
    SELECT (SELECT sum(refs) FROM blob), (SELECT count(*) FROM version))sql");
  ASSERT_TRUE(refs.next());
  EXPECT_EQ(refs.int64(0), 0);
  EXPECT_EQ(refs.int64(1), 0);
}

TEST_F(Versions, OneCanBeDeletedAndRightsAreAsked) {
  save("one", 100);
  auto node = save("two", 200);
  auto reader = member("reader");
  access::Place theirs{reader.home};
  share({"f"}, reader, access::kSee);
  EXPECT_EQ(code_of(remove_version(*tx_, *blobs_, reader, theirs, node.id, 100)), Code::forbidden);
  EXPECT_EQ(code_of(label_version(*tx_, reader, theirs, node.id, 100, "x")), Code::forbidden);
  EXPECT_EQ(code_of(restore_version(*tx_, *blobs_, reader, theirs, node.id, 100)), Code::forbidden);
  auto tom = member("tom");
  auto home = *access::files_of(tom, "tom");
  EXPECT_EQ(code_of(find_file(*tx_, tom, home, node.id)), Code::not_found);
  EXPECT_EQ(code_of(restore_version(*tx_, *blobs_, tom, home, node.id, 100)), Code::not_found);
  ASSERT_TRUE(remove_version(*tx_, *blobs_, caller_, place_, node.id, 100));
  EXPECT_THAT(times(), IsEmpty());
  EXPECT_EQ(used_by_space(*tx_), 3);
}

TEST_F(Versions, AFullSpaceGivesUpTheOldestAndAtLastTheNewOne) {
  store::set_quota(*tx_, 12);
  save("aaaa", 100);
  wait(100);
  save("bbbb", 200);
  wait(100);
  save("cccc", 300);
  EXPECT_THAT(times(), ElementsAre(100, 200));
  wait(100);
  save("dddd", 400);
  EXPECT_THAT(times(), ElementsAre(200, 300));
  save("ffffffffffff", 500);
  EXPECT_THAT(times(), IsEmpty()) << "rather no version than no file";
  store::set_quota(*tx_, 4);
  save("gggggg", 600);
  EXPECT_EQ(at({"f"})->size, 6) << "less than before is always possible";
}

TEST_F(Versions, LabelledOnesDoNotMakeRoom) {
  store::set_quota(*tx_, 10);
  save("aaaa", 100);
  save("bbbb", 200);
  ASSERT_TRUE(label_version(*tx_, caller_, place_, at({"f"})->id, 100, "keep"));
  EXPECT_EQ(quota(*tx_, place_.root).available, 2);
  EXPECT_EQ(quota(*tx_, place_.root).used, 8);
  EXPECT_EQ(code_of(put_text({"g"}, "333")), Code::quota_exceeded);
  EXPECT_THAT(times(), ElementsAre(100));
}

TEST_F(Versions, AFileHasAHighestNumberOfThem) {
  // Times far apart, all at once: no rule thins them.
  for (int i = 0; i < kVersionsPerFileMax + 50; ++i) {
    save("content " + std::to_string(i), 1'000'000LL * (i + 1));
  }
  wait(61);
  save("the last", 1'000'000'000);
  EXPECT_EQ(times().size(), static_cast<std::size_t>(kVersionsPerFileMax));
}

}  // namespace
}  // namespace essaim::files
