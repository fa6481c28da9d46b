#include "space/journal/journal.h"

#include <gtest/gtest.h>

#include "base/secrets/secrets.h"
#include "platform/sqlite/testing.h"
#include "space/store/space.h"

namespace essaim::journal {
namespace {

class JournalTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }
  void SetUp() override {
    SpaceId id{"aa00000000000000"};
    ASSERT_TRUE(store::create(*engine_, layout_, id, {"Voile", kGiB, {}}, disk::Durable::no));
    space_ = std::move(*store::Space::open(*engine_, layout_, id));
  }
  store::WriteTx tx(std::int64_t ms) { return {space_->database(), space_->facts(), Instant{ms}}; }

  disk::TestFolder folder_;
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::local_engine();
  const store::Layout layout_{folder_.path()};
  std::unique_ptr<store::Space> space_;
};

TEST_F(JournalTest, each_change_takes_the_next_number_and_is_written_down) {
  auto write = tx(1'234);
  Seq before = last(write);
  EXPECT_EQ(append(write, NodeId{101}, Op::created), before + 1);
  EXPECT_EQ(append(write, NodeId{102}, Op::deleted), before + 2);
  EXPECT_EQ(last(write), before + 2);
  auto rows = write.query("SELECT seq, node_id, op, at FROM node_log ORDER BY seq");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.int64(0), before + 1);
  EXPECT_EQ(rows.int64(1), 101);
  EXPECT_EQ(rows.int64(2), 1);
  EXPECT_EQ(rows.int64(3), 1'234);
}

TEST_F(JournalTest, a_change_that_is_undone_gives_its_number_back) {
  auto write = tx(0);
  Seq before = last(write);
  space_->database().execute("BEGIN");
  append(write, NodeId{101}, Op::created);
  space_->database().execute("ROLLBACK");
  EXPECT_EQ(append(write, NodeId{102}, Op::created), before + 1);
}

TEST_F(JournalTest, an_etag_is_epoch_and_number) {
  EXPECT_EQ(etag(space_->facts(), 42), space_->facts().epoch + "-42");
}

TEST_F(JournalTest, only_old_entries_are_trimmed_and_no_more_than_asked) {
  for (std::int64_t at : {10, 20, 30, 40}) {
    auto write = tx(at);
    append(write, NodeId{101}, Op::changed);
  }
  auto now = tx(1'030);
  EXPECT_EQ(trim(now, Duration(1'000), 1), 1);
  EXPECT_EQ(trim(now, Duration(1'000), 10), 1);
  EXPECT_EQ(trim(now, Duration(1'000), 10), 0);
}

}  // namespace
}  // namespace essaim::journal
