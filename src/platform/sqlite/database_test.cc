// Databases and engines, over every engine.
#include "platform/sqlite/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "base/core/check.h"
#include "platform/sqlite/testing.h"

namespace essaim::sqlite {
namespace {

using disk::Durable;
using disk::Op;
using Lasting = disk::FaultPlan::Lasting;

// An empty database in WAL mode, as the templates of spaces are.
std::vector<std::byte> empty_image() {
  sqlite3* db = nullptr;
  sqlite3_open(":memory:", &db);
  sqlite3_exec(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, v UNIQUE)", nullptr, nullptr, nullptr);
  sqlite3_int64 size = 0;
  auto* bytes = reinterpret_cast<std::byte*>(sqlite3_serialize(db, "main", &size, 0));
  std::vector<std::byte> image(bytes, bytes + size);
  sqlite3_free(bytes);
  sqlite3_close(db);
  image[18] = image[19] = std::byte{2};
  return image;
}

class DatabaseTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(engine_->create(path_, empty_image(), Durable::yes));
    open();
  }
  void open() {
    db_.reset();
    auto opened = engine_->open(path_);
    ASSERT_TRUE(opened) << opened.error().detail;
    db_ = std::move(*opened);
  }
  std::int64_t one(Sql sql) {
    auto rows = db_->query(sql);
    return rows.next() ? rows.int64(0) : -1;
  }

  disk::TestFolder folder_;
  disk::FaultPlan plan_;
  std::unique_ptr<Engine> engine_ = make_engine(GetParam(), plan_);
  std::string path_ = folder_.path() + "/main.db";
  std::unique_ptr<Database> db_;
};

TEST_P(DatabaseTest, values_come_back_as_they_were_bound) {
  std::string nul("a\0b", 3);
  db_->execute("INSERT INTO t(id, v) VALUES (1, ?)", std::int64_t{1} << 60);
  db_->execute("INSERT INTO t(id, v) VALUES (2, ?)", nul);
  db_->execute("INSERT INTO t(id, v) VALUES (3, ?)", std::as_bytes(std::span(nul)));
  db_->execute("INSERT INTO t(id, v) VALUES (4, ?)", std::string_view());
  db_->execute("INSERT INTO t(id, v) VALUES (5, ?)", std::span<const std::byte>());
  db_->execute("INSERT INTO t(id, v) VALUES (6, ?)", std::optional<int>());
  db_->execute("INSERT INTO t(id, v) VALUES (7, ?)", 0.5);
  EXPECT_EQ(db_->execute("INSERT INTO t(id, v) VALUES (8, ?)", NodeId{77}), 1);
  auto rows = db_->query("SELECT v, typeof(v) FROM t ORDER BY id");
  std::vector<std::string> types;
  for (int row = 1; rows.next(); ++row) {
    types.emplace_back(rows.text(1));
    if (row == 1) {
      EXPECT_EQ(rows.int64(0), std::int64_t{1} << 60);
    }
    if (row == 2) {
      EXPECT_EQ(rows.text(0), nul);
    }
    if (row == 3) {
      EXPECT_EQ(rows.blob(0).size(), 3u);
    }
    if (row == 6) {
      EXPECT_TRUE(rows.null(0));
    }
    if (row == 7) {
      EXPECT_EQ(rows.real(0), 0.5);
    }
    if (row == 8) {
      EXPECT_EQ(rows.int64(0), 77);
    }
  }
  EXPECT_THAT(types, ::testing::ElementsAre("integer", "text", "blob", "text", "blob", "null",
                                            "real", "integer"));
}

TEST_P(DatabaseTest, a_wrong_number_of_values_is_a_bug) {
  EXPECT_THROW(db_->execute("INSERT INTO t(v) VALUES (?)"), CheckFailure);
  EXPECT_THROW(db_->execute("INSERT INTO t(v) VALUES (1)", 2), std::exception);
}

std::int64_t depth(Database& db, int below) {
  auto rows = db.query("SELECT id FROM t WHERE id>? ORDER BY id LIMIT 1", below);
  if (!rows.next()) return 0;
  return 1 + depth(db, static_cast<int>(rows.int64(0)));
}

TEST_P(DatabaseTest, a_statement_may_run_inside_itself) {
  for (int id = 1; id <= 5; ++id) db_->execute("INSERT INTO t(id) VALUES (?)", id);
  EXPECT_EQ(depth(*db_, 0), 5);
}

TEST_P(DatabaseTest, the_pragmas_of_the_product_hold) {
  auto text = [&](Sql sql) {
    auto rows = db_->query(sql);
    return rows.next() ? std::string(rows.text(0)) : std::string();
  };
  EXPECT_EQ(text("PRAGMA locking_mode"), "exclusive");
  EXPECT_EQ(text("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(one("PRAGMA synchronous"), 2);
  EXPECT_EQ(one("PRAGMA temp_store"), 2);
  EXPECT_EQ(one("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(one("PRAGMA cache_size"), -256);
  EXPECT_EQ(one("PRAGMA cell_size_check"), 1);
  EXPECT_EQ(one("PRAGMA trusted_schema"), 0);
  EXPECT_EQ(one("PRAGMA wal_autocheckpoint"), 0);
  EXPECT_EQ(one("PRAGMA journal_size_limit"), 4 * kMiB);
}

TEST_P(DatabaseTest, no_shared_memory_file_is_made) {
  db_->execute("INSERT INTO t(v) VALUES (1)");
  EXPECT_FALSE(engine_->disk().exists(path_ + "-shm"));
}

TEST_P(DatabaseTest, attaching_another_database_is_impossible_but_for_maintenance) {
  std::string other = folder_.path() + "/other.db";
  EXPECT_THROW(db_->execute("ATTACH ? AS o", other), Failure);
  EXPECT_THROW(db_->execute("VACUUM INTO ?", other), Failure);
  db_->set_attach(Attach::allowed);
  EXPECT_NO_THROW(db_->execute("VACUUM INTO ?", other));
  db_->set_attach(Attach::denied);
  EXPECT_THROW(db_->execute("ATTACH ? AS o", other), Failure);
}

TEST_P(DatabaseTest, a_second_owner_is_refused_as_busy) {
  auto second = engine_->open(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::busy);
}

TEST_P(DatabaseTest, opening_tells_missing_empty_and_damaged_apart) {
  EXPECT_EQ(engine_->open(folder_.path() + "/no.db").error().code, Code::not_found);
  std::ofstream(folder_.path() + "/empty.db");
  EXPECT_EQ(engine_->open(folder_.path() + "/empty.db").error().code, Code::corrupt);
  std::ofstream(folder_.path() + "/bad.db") << std::string(8192, 'x');
  EXPECT_EQ(engine_->open(folder_.path() + "/bad.db").error().code, Code::corrupt);
  EXPECT_EQ(engine_->create(path_, empty_image(), Durable::no).error().code, Code::exists);
}

TEST_P(DatabaseTest, a_broken_constraint_is_a_conflict_and_keeps_the_transaction) {
  db_->execute("INSERT INTO t(v) VALUES ('one')");
  db_->execute("BEGIN IMMEDIATE");
  try {
    db_->execute("INSERT INTO t(v) VALUES ('one')");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, Code::conflict);
  }
  EXPECT_FALSE(db_->autocommit());
  db_->execute("ROLLBACK");
}

class Longer final : public Filter {
 public:
  explicit Longer(std::size_t than) : than_(than) {}
  bool fits(std::string_view bytes) override {
    seen.emplace_back(bytes);
    return bytes.size() > than_;
  }
  std::vector<std::string> seen;

 private:
  std::size_t than_;
};

TEST_P(DatabaseTest, a_filter_sees_each_row_once_and_lets_out_what_fits) {
  std::string nul("a\0b", 3);
  db_->execute("INSERT INTO t(v) VALUES ('a'), (?), ('été'), (NULL), (12345)", nul);
  Longer filter(1);
  std::vector<std::int64_t> out;
  auto rows = db_->query("SELECT id FROM t WHERE fits(?, v) ORDER BY id", &filter);
  while (rows.next()) out.push_back(rows.int64(0));
  EXPECT_EQ(out, (std::vector<std::int64_t>{2, 3, 5}));
  EXPECT_EQ(filter.seen, (std::vector<std::string>{"a", nul, "été", "", "12345"}));
}

TEST_P(DatabaseTest, fits_without_a_filter_is_an_error_and_a_view_cannot_ask_it) {
  db_->execute("INSERT INTO t(v) VALUES ('a')");
  EXPECT_THROW(one("SELECT id FROM t WHERE fits(NULL, v)"), Failure);
  db_->script("CREATE VIEW w AS SELECT id FROM t WHERE fits(NULL, v)");
  EXPECT_THROW(one("SELECT id FROM w"), Failure);
}

TEST_P(DatabaseTest, a_deadline_interrupts_a_statement_and_only_while_it_is_set) {
  constexpr Sql endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 3000000)"
      " SELECT count(i) FROM n";
  db_->set_deadline(std::chrono::steady_clock::now());
  try {
    one(endless);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, Code::timeout);
  }
  db_->set_deadline(std::nullopt);
  EXPECT_EQ(one(endless), 3'000'000);
}

TEST_P(DatabaseTest, a_checkpoint_empties_the_wal_and_closing_does_not_make_one) {
  auto wal = [&] { return *engine_->disk().size(path_ + "-wal"); };
  db_->execute("INSERT INTO t(v) VALUES (1)");
  EXPECT_GT(db_->wal_frames(), 0);
  open();
  EXPECT_GT(wal(), 0);
  db_->checkpoint(Database::Wal::truncate);
  EXPECT_EQ(wal(), 0);
  EXPECT_EQ(one("SELECT count(*) FROM t"), 1);
}

TEST_P(DatabaseTest, a_log_that_is_read_while_it_waits_gives_what_was_written) {
  // A small cache makes SQLite write pages into the log, and read them again, before the commit.
  db_->set_cache(4);
  db_->execute("BEGIN IMMEDIATE");
  std::string value(3'000, 'x');
  for (int i = 1; i <= 400; ++i) {
    db_->execute("INSERT INTO t(id, v) VALUES (?, ?)", i, value + std::to_string(i));
  }
  EXPECT_EQ(one("SELECT count(*) FROM t WHERE length(v) > 3000"), 400);
  db_->execute("UPDATE t SET v = v || 'y' WHERE id % 7 = 0");
  EXPECT_EQ(one("SELECT count(*) FROM t WHERE v LIKE '%y'"), 57);
  db_->execute("COMMIT");
  db_->execute("BEGIN IMMEDIATE");
  db_->execute("UPDATE t SET v = id");
  db_->execute("ROLLBACK");
  db_->execute("INSERT INTO t(id, v) VALUES (500, 'after')");
  db_->execute("INSERT INTO t(id, v) VALUES (501, zeroblob(5000000))");
  open();
  EXPECT_EQ(one("SELECT count(*) FROM t WHERE v LIKE '%y'"), 57);
  EXPECT_EQ(one("SELECT count(*) FROM t"), 402);
  auto check = db_->query("PRAGMA integrity_check");
  ASSERT_TRUE(check.next());
  EXPECT_EQ(check.text(0), "ok");
}

TEST(GatheringTest, a_commit_of_many_pages_is_one_write) {
  disk::TestFolder folder;
  disk::FaultPlan plan;
  auto engine = fault_engine(plan);
  std::string path = folder.path() + "/main.db";
  ASSERT_TRUE(engine->create(path, empty_image(), Durable::yes));
  auto db = engine->open(path);
  ASSERT_TRUE(db);
  (*db)->execute("INSERT INTO t(id, v) VALUES (1, 'first')");
  std::int64_t writes = plan.seen(Op::write);
  (*db)->execute("INSERT INTO t(id, v) VALUES (2, ?)", std::string(50'000, 'x'));
  EXPECT_EQ(plan.seen(Op::write) - writes, 1);
  plan.fail(Op::write, 1, ENOSPC, Lasting::once);
  EXPECT_THROW((*db)->execute("INSERT INTO t(id, v) VALUES (3, 'no room')"), Failure);
}

INSTANTIATE_TEST_SUITE_P(engines, DatabaseTest, ::testing::ValuesIn(kEngineKinds), kind_name);

class FaultEngineTest : public DatabaseTest {};

// An fsync that finds the disk full is an I/O error too: SQLite does not keep the errno of a
// commit, and what the handle believes is lost either way.
TEST_P(FaultEngineTest, a_full_disk_and_a_broken_one_have_codes_of_their_own) {
  struct Case {
    Op op;
    int error;
    Code code;
  };
  for (auto [op, error, code] :
       {Case{Op::write, ENOSPC, Code::disk_full}, Case{Op::write, EIO, Code::io},
        Case{Op::sync, EIO, Code::io}, Case{Op::sync, ENOSPC, Code::io}}) {
    plan_.fail(op, 1, error, Lasting::once);
    try {
      db_->execute("INSERT INTO t(v) VALUES (NULL)");
      FAIL() << name(op);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error().code, code) << name(op) << failure.what();
    }
    EXPECT_TRUE(db_->autocommit());
    open();
    db_->execute("INSERT INTO t(v) VALUES (NULL)");
  }
}

TEST_P(FaultEngineTest, opening_a_database_that_cannot_be_read_is_an_io_error) {
  db_.reset();
  for (Op op : {Op::open, Op::read}) {
    plan_.fail(op, 1, EIO, Lasting::once);
    auto opened = engine_->open(path_);
    ASSERT_FALSE(opened) << name(op);
    EXPECT_EQ(opened.error().code, Code::io) << opened.error().detail;
  }
  EXPECT_TRUE(engine_->open(path_));
}

TEST_P(FaultEngineTest, one_commit_is_one_fsync) {
  db_->execute("INSERT INTO t(v) VALUES (1)");
  auto before = plan_.seen(Op::sync);
  db_->execute("INSERT INTO t(v) VALUES (2)");
  EXPECT_EQ(plan_.seen(Op::sync), before + 1);
}

INSTANTIATE_TEST_SUITE_P(engines, FaultEngineTest, ::testing::Values(EngineKind::faults),
                         kind_name);

}  // namespace
}  // namespace essaim::sqlite
