// Spaces on disk: created whole or not at all, opened, migrated, renewed.
#include "space/store/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/core/check.h"
#include "base/secrets/secrets.h"
#include "platform/sqlite/testing.h"
#include "space/store/internal/migrate.h"

namespace essaim::store {
namespace {

using disk::Durable;
using disk::Op;
using Lasting = disk::FaultPlan::Lasting;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class SpaceTest : public ::testing::TestWithParam<sqlite::EngineKind> {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }

  Result<void> create(const SpaceId& id, Durable durable = Durable::no) {
    return store::create(*engine_, layout_, id, {"Voile à Brest", 5 * kGiB, {1'000}}, durable);
  }
  std::unique_ptr<Space> open(const SpaceId& id) {
    auto space = Space::open(*engine_, layout_, id);
    EXPECT_TRUE(space) << space.error().detail;
    return space ? std::move(*space) : nullptr;
  }
  std::vector<std::string> shard() {
    auto names = engine_->disk().list(folder_.path() + "/spaces/aa");
    return names ? *names : std::vector<std::string>();
  }
  static std::int64_t one(Space& space, sqlite::Sql sql) {
    auto rows = space.database().query(sql);
    return rows.next() ? rows.int64(0) : -1;
  }

  const SpaceId id_{"aa00000000000000"};
  disk::TestFolder folder_;
  disk::FaultPlan plan_;
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::make_engine(GetParam(), plan_);
  const Layout layout_{folder_.path()};
};

TEST_P(SpaceTest, a_new_space_opens_with_its_name_quota_and_ids_of_its_own) {
  ASSERT_TRUE(create(id_));
  ASSERT_TRUE(create({"aa11111111111111"}));
  auto one = open(id_);
  auto two = open({"aa11111111111111"});
  EXPECT_FALSE(one->migrated());
  EXPECT_THAT(one->facts().epoch, MatchesRegex("[0-9a-f]{8}"));
  EXPECT_THAT(one->facts().instance_id, MatchesRegex("oc[0-9a-z]{10}"));
  EXPECT_EQ(one->facts().fingerprint, "");
  EXPECT_NE(one->facts().epoch, two->facts().epoch);
  EXPECT_NE(one->facts().instance_id, two->facts().instance_id);
  ReadTx tx(one->database(), one->facts(), Instant{});
  EXPECT_EQ(name(tx), "Voile à Brest");
  EXPECT_EQ(quota(tx), 5 * kGiB);
  EXPECT_EQ(created(tx).ms, 1'000);
  EXPECT_TRUE(one->quick_check());
}

TEST_P(SpaceTest, name_and_plan_can_be_changed) {
  ASSERT_TRUE(create(id_));
  auto space = open(id_);
  WriteTx tx(space->database(), space->facts(), Instant{});
  set_name(tx, "Voile");
  set_quota(tx, 0);
  EXPECT_EQ(name(tx), "Voile");
  EXPECT_EQ(quota(tx), 0);
  EXPECT_THROW(set_quota(tx, -1), CheckFailure);
  EXPECT_EQ(accounts_max(tx), kAccountsMax);
  set_accounts_max(tx, 50);
  EXPECT_EQ(accounts_max(tx), 50);
  EXPECT_THROW(set_accounts_max(tx, 0), CheckFailure);
  EXPECT_THROW(set_accounts_max(tx, kAccountsMax + 1), CheckFailure);
}

TEST_P(SpaceTest, epoch_and_instance_stay_from_one_open_to_the_next) {
  ASSERT_TRUE(create(id_));
  auto first = open(id_)->facts();
  auto second = open(id_)->facts();
  EXPECT_EQ(first.epoch, second.epoch);
  EXPECT_EQ(first.instance_id, second.instance_id);
}

TEST_P(SpaceTest, a_bare_template_gets_its_epoch_and_instance_at_the_first_open) {
  ASSERT_TRUE(engine_->disk().make_folders(layout_.folder(id_), Durable::no));
  ASSERT_TRUE(engine_->create(layout_.database(id_), *template_image(), Durable::no));
  auto epoch = open(id_)->facts().epoch;
  EXPECT_THAT(epoch, MatchesRegex("[0-9a-f]{8}"));
  EXPECT_EQ(open(id_)->facts().epoch, epoch);
}

TEST_P(SpaceTest, an_id_that_exists_is_refused_and_the_space_stays_as_it_is) {
  ASSERT_TRUE(create(id_));
  auto epoch = open(id_)->facts().epoch;
  auto again = create(id_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::exists);
  EXPECT_EQ(open(id_)->facts().epoch, epoch);
}

TEST_P(SpaceTest, an_id_that_could_name_another_folder_is_a_bug) {
  for (const char* bad : {"", "aa", "../../../etc/passwd", "aa/b", "AA00"}) {
    EXPECT_THROW(layout_.folder({bad}), CheckFailure) << bad;
  }
}

TEST_P(SpaceTest, what_an_interrupted_creation_left_is_replaced) {
  std::filesystem::create_directories(folder_.path() + "/spaces/aa/.new-" + id_.value + "/blobs");
  ASSERT_TRUE(create(id_, Durable::yes));
  EXPECT_THAT(shard(), ElementsAre(id_.value));
  EXPECT_TRUE(open(id_)->quick_check());
}

TEST_P(SpaceTest, opening_what_is_missing_or_damaged_says_so) {
  EXPECT_EQ(Space::open(*engine_, layout_, id_).error().code, Code::not_found);
  ASSERT_TRUE(create(id_));
  std::filesystem::resize_file(layout_.database(id_), 50);
  EXPECT_EQ(Space::open(*engine_, layout_, id_).error().code, Code::corrupt);
}

TEST_P(SpaceTest, a_space_of_a_newer_release_is_not_touched) {
  ASSERT_TRUE(create(id_));
  open(id_)->database().script("PRAGMA user_version=9999");
  EXPECT_EQ(Space::open(*engine_, layout_, id_).error().code, Code::unsupported);
}

TEST_P(SpaceTest, a_closed_space_leaves_nothing_to_recover) {
  ASSERT_TRUE(create(id_));
  auto space = open(id_);
  EXPECT_FALSE(space->wal_used());
  space->database().execute("INSERT INTO usage(place, bytes, files) VALUES (1, 1, 1)");
  EXPECT_TRUE(space->wal_used());
  EXPECT_TRUE(space->needs_checkpoint());
  EXPECT_GT(space->wal_bytes(), 0);
  ASSERT_TRUE(space->checkpoint());
  EXPECT_FALSE(space->needs_checkpoint());
  ASSERT_TRUE(space->checkpoint_and_truncate());
  EXPECT_FALSE(space->wal_used());
  EXPECT_EQ(*engine_->disk().size(layout_.database(id_) + "-wal"), 0);
  space.reset();
  EXPECT_EQ(one(*open(id_), "SELECT count(*) FROM usage"), 1);
}

TEST_P(SpaceTest, a_space_that_was_not_closed_keeps_its_changes_and_asks_for_a_checkpoint) {
  ASSERT_TRUE(create(id_));
  open(id_)->database().execute("INSERT INTO usage(place, bytes, files) VALUES (1, 1, 1)");
  auto space = open(id_);
  EXPECT_EQ(one(*space, "SELECT count(*) FROM usage"), 1);
  EXPECT_TRUE(space->needs_checkpoint());
  ASSERT_TRUE(space->checkpoint());
  EXPECT_FALSE(space->needs_checkpoint());
}

TEST_P(SpaceTest, a_copy_is_whole_and_readable_by_itself) {
  ASSERT_TRUE(create(id_));
  auto space = open(id_);
  space->database().execute("INSERT INTO usage(place, bytes, files) VALUES (1, 1, 1)");
  std::string copy = folder_.path() + "/copy.db";
  ASSERT_TRUE(space->copy_to(copy));
  EXPECT_EQ(space->copy_to(copy).error().code, Code::exists);
  auto db = engine_->open(copy);
  ASSERT_TRUE(db);
  auto rows = (*db)->query("SELECT count(*) FROM usage");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.int64(0), 1);
}

TEST_P(SpaceTest, a_renewed_space_never_gives_out_an_old_etag_or_id_again) {
  ASSERT_TRUE(create(id_));
  auto space = open(id_);
  std::string before = space->facts().epoch;
  ASSERT_TRUE(space->renew({.seq_floor = 5'000, .id_floor = 0}));
  EXPECT_NE(space->facts().epoch, before);
  EXPECT_EQ(space->facts().fingerprint, space->facts().epoch);
  EXPECT_EQ(one(*space, "SELECT value FROM meta WHERE key='seq'"), 5'000);
  space->database().execute(
      "INSERT INTO node(parent_id, name, kind, mtime, seq, own_seq) VALUES (1, 'x', 1, 0, 1, 1)");
  EXPECT_EQ(space->database().last_insert_rowid(), 100 + kRenewalGap + 1);
  auto facts = space->facts();
  space.reset();
  auto again = open(id_);
  EXPECT_EQ(again->facts().epoch, facts.epoch);
  EXPECT_EQ(again->facts().fingerprint, facts.fingerprint);
}

TEST_P(SpaceTest, what_a_restore_leaves_unchanged_keeps_its_epoch) {
  ASSERT_TRUE(create(id_));
  auto space = open(id_);
  std::string first = space->facts().epoch;
  space->database().execute("UPDATE meta SET value=50 WHERE key='seq'");
  ASSERT_TRUE(space->renew({.seq_floor = 80, .id_floor = 0}));
  std::string second = space->facts().epoch;
  ASSERT_TRUE(space->renew({.seq_floor = 80, .id_floor = 0}));
  std::string third = space->facts().epoch;
  space.reset();
  auto facts = open(id_)->facts();
  EXPECT_EQ(facts.epoch_of(1), first);
  EXPECT_EQ(facts.epoch_of(50), first);
  // 51 to 80 were given in the time that is lost: nothing carries them any more.
  EXPECT_EQ(facts.epoch_of(80), second);
  EXPECT_EQ(facts.epoch_of(81), third);
}

INSTANTIATE_TEST_SUITE_P(engines, SpaceTest, ::testing::ValuesIn(sqlite::kEngineKinds),
                         sqlite::kind_name);

class SpaceFaultTest : public SpaceTest {};

TEST_P(SpaceFaultTest, a_creation_that_fails_anywhere_leaves_no_space_and_can_be_repeated) {
  for (Op op : {Op::open, Op::write, Op::sync, Op::link, Op::rename, Op::make_folder}) {
    bool reached = true;
    for (int n = 1; reached; ++n) {
      SpaceId id{"aa" + std::string(name(op)).substr(0, 2) + "0000000000" + std::to_string(10 + n)};
      auto failed = plan_.failed();
      plan_.fail(op, n, ENOSPC, Lasting::once);
      auto made = create(id, Durable::yes);
      plan_.heal();
      reached = plan_.failed() > failed;
      if (reached) {
        ASSERT_FALSE(made) << name(op) << n;
        EXPECT_EQ(made.error().code, Code::disk_full);
      }
      EXPECT_EQ(engine_->disk().exists(layout_.folder(id)), !reached);
      if (reached) {
        ASSERT_TRUE(create(id, Durable::yes));
      }
      EXPECT_TRUE(open(id)->quick_check());
    }
  }
}

TEST_P(SpaceFaultTest, a_doubtful_wal_is_written_again_before_the_next_write) {
  ASSERT_TRUE(create(id_));
  {
    auto space = open(id_);
    plan_.fail(Op::sync, 1, EIO, Lasting::once);
    EXPECT_THROW(
        space->database().execute("INSERT INTO usage(place, bytes, files) VALUES (1, 1, 1)"),
        sqlite::Failure);
  }
  plan_.fail(Op::sync, 1, EIO, Lasting::from_then_on);
  auto space = open(id_);
  // Reads pass while the disk cannot promise anything.
  EXPECT_GE(one(*space, "SELECT count(*) FROM usage"), 0);
  EXPECT_EQ(space->prepare_write().error().code, Code::io);
  plan_.heal();
  EXPECT_TRUE(space->prepare_write());
}

INSTANTIATE_TEST_SUITE_P(engines, SpaceFaultTest, ::testing::Values(sqlite::EngineKind::faults),
                         sqlite::kind_name);

class MigrateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sqlite3* handle = nullptr;
    sqlite3_open(":memory:", &handle);
    db_ = std::make_unique<sqlite::Database>(handle);
  }
  std::int64_t one(sqlite::Sql sql) {
    auto rows = db_->query(sql);
    return rows.next() ? rows.int64(0) : -1;
  }
  std::unique_ptr<sqlite::Database> db_;
};

TEST_F(MigrateTest, only_the_missing_steps_are_applied) {
  constexpr sqlite::Sql all[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x); CREATE TABLE c(x)",
                                 "ALTER TABLE a ADD COLUMN y"};
  EXPECT_EQ(*internal::migrate(*db_, std::span(all).first(1)), 1);
  EXPECT_EQ(*internal::migrate(*db_, all), 2);
  EXPECT_EQ(*internal::migrate(*db_, all), 0);
  EXPECT_EQ(one("PRAGMA user_version"), 3);
  EXPECT_EQ(one("SELECT count(*) FROM sqlite_schema"), 3);
}

TEST_F(MigrateTest, a_step_that_fails_undoes_those_before_it_and_is_named) {
  constexpr sqlite::Sql all[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x)", "CREATE TABLE a(y)"};
  EXPECT_EQ(*internal::migrate(*db_, std::span(all).first(1)), 1);
  auto failed = internal::migrate(*db_, all);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::corrupt);
  EXPECT_THAT(failed.error().detail, ::testing::HasSubstr("migration 3"));
  EXPECT_EQ(one("PRAGMA user_version"), 1);
  EXPECT_EQ(one("SELECT count(*) FROM sqlite_schema"), 1);
  EXPECT_TRUE(db_->autocommit());
}

}  // namespace
}  // namespace essaim::store
