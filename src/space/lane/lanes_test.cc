// Turns: what a read and a write may count on, over every engine.
#include <atomic>
#include <cerrno>
#include <latch>
#include <set>
#include <stdexcept>
#include <thread>

#include "space/lane/internal/testing.h"

namespace essaim::lane {
namespace {

TEST_P(LanesTest, a_kept_write_is_read_back_and_an_undone_one_is_not) {
  start();
  EXPECT_TRUE(write(a_, [](WriteTx& tx) {
    insert(tx, 1);
    return Verdict::keep;
  }));
  EXPECT_TRUE(write(a_, [](WriteTx& tx) {
    insert(tx, 2);
    return Verdict::undo;
  }));
  EXPECT_EQ(rows(a_), 1);
  EXPECT_EQ(rows(b_), 0);
}

TEST_P(LanesTest, waiting_writes_share_one_commit_and_each_keeps_its_verdict) {
  Lanes& lanes = start();
  Gate gate(lanes, a_);
  std::atomic<int> answered = 0;
  for (int i = 0; i < 16; ++i) {
    lanes.write(
        a_,
        [i](WriteTx& tx) {
          insert(tx, i);
          return i % 4 == 3 ? Verdict::undo : Verdict::keep;
        },
        [&](Result<void> fate) {
          EXPECT_TRUE(fate);
          ++answered;
        });
  }
  gate.open();
  EXPECT_EQ(rows(a_), 12);
  EXPECT_TRUE(wait(&Lanes::close, a_));
  EXPECT_EQ(answered, 16);
  EXPECT_EQ(lanes.counters().commits, 1);
}

TEST_P(LanesTest, an_exception_undoes_its_own_write_and_the_space_lives_on) {
  start();
  auto fate = write(a_, [](WriteTx& tx) -> Verdict {
    insert(tx, 1);
    throw std::runtime_error("a bug");
  });
  ASSERT_FALSE(fate);
  EXPECT_EQ(fate.error().code, Code::internal);
  EXPECT_EQ(rows(a_), 0);
}

TEST_P(LanesTest, a_read_that_tries_to_write_is_refused) {
  start();
  auto fate = read(a_, [](ReadTx& tx) {
    tx.query("INSERT INTO usage(place, bytes, files) VALUES (1, 1, 1) RETURNING place").next();
  });
  ASSERT_FALSE(fate);
  EXPECT_EQ(fate.error().code, Code::internal);
  EXPECT_EQ(rows(a_), 0);
}

TEST_P(LanesTest, a_read_is_interrupted_at_its_deadline) {
  Limits limits;
  limits.read_deadline = Duration(50);
  start(limits);
  auto fate = read(a_, [](ReadTx& tx) {
    auto endless = tx.query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(i) FROM n");
    endless.next();
  });
  ASSERT_FALSE(fate);
  EXPECT_EQ(fate.error().code, Code::timeout);
  EXPECT_EQ(rows(a_), 0);
}

TEST_P(LanesTest, a_write_that_has_not_begun_by_its_deadline_answers_timeout_while_it_waits) {
  Limits limits;
  limits.write_deadline = Duration(30);
  limits.tick = Duration(10);
  Lanes& lanes = start(limits);
  Gate gate(lanes, a_);
  auto fate = write(a_, [](WriteTx& tx) {
    insert(tx, 1);
    return Verdict::keep;
  });
  ASSERT_FALSE(fate);
  EXPECT_EQ(fate.error().code, Code::timeout);
  gate.open();
  EXPECT_EQ(rows(a_), 0);
}

TEST_P(LanesTest, a_full_queue_answers_busy_to_that_space_only) {
  Limits limits;
  limits.queue_max = 4;
  Lanes& lanes = start(limits);
  Gate gate(lanes, a_);
  std::atomic<int> busy = 0;
  std::latch answered(6);
  for (int i = 0; i < 6; ++i) {
    lanes.write(
        a_, [](WriteTx&) { return Verdict::undo; },
        [&](Result<void> fate) {
          busy += !fate && fate.error().code == Code::busy;
          answered.count_down();
        });
  }
  EXPECT_EQ(busy, 2);
  EXPECT_EQ(rows(b_), 0);
  gate.open();
  answered.wait();
  EXPECT_EQ(busy, 2);
}

TEST_P(LanesTest, many_threads_write_at_once_and_nothing_is_lost) {
  start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(write(t % 2 ? a_ : b_, [&](WriteTx& tx) {
          insert(tx, t * 1000 + i);
          return Verdict::keep;
        }));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(rows(a_), 200);
  EXPECT_EQ(rows(b_), 200);
}

TEST_P(LanesTest, a_space_with_a_long_queue_does_not_hold_up_another) {
  Limits limits;
  limits.workers = 1;
  limits.group_max = 4;
  Lanes& lanes = start(limits);
  EXPECT_EQ(rows(b_), 0);
  Gate gate(lanes, a_);
  int answered = 0;
  int answered_before_b = -1;
  for (int i = 0; i < 200; ++i) {
    lanes.write(
        a_,
        [i](WriteTx& tx) {
          insert(tx, i);
          return Verdict::keep;
        },
        [&](Result<void>) { ++answered; });
  }
  lanes.read(
      b_, [&](ReadTx&) { answered_before_b = answered; }, [](Result<void>) {});
  gate.open();
  EXPECT_TRUE(wait(&Lanes::close, a_));
  EXPECT_EQ(answered, 200);
  EXPECT_LE(answered_before_b, 4);
}

TEST_P(LanesTest, nothing_passes_a_maintenance) {
  Lanes& lanes = start();
  Gate gate(lanes, a_);
  std::mutex mutex;
  std::vector<std::string> order;
  auto note = [&](const char* what) {
    std::lock_guard lock(mutex);
    order.emplace_back(what);
  };
  auto ignore = [](Result<void> fate) { EXPECT_TRUE(fate); };
  auto write = [&](const char* what) {
    lanes.write(
        a_,
        [&note, what](WriteTx&) {
          note(what);
          return Verdict::keep;
        },
        ignore);
  };
  write("write 1");
  lanes.read(
      a_, [&](ReadTx&) { note("read 1"); }, ignore);
  lanes.maintain(
      a_,
      [&](store::Space&) -> Result<void> {
        note("maintenance");
        return {};
      },
      ignore);
  lanes.read(
      a_, [&](ReadTx&) { note("read 2"); }, ignore);
  write("write 2");
  gate.open();
  EXPECT_TRUE(wait(&Lanes::close, a_));
  EXPECT_THAT(order,
              ::testing::ElementsAre("write 1", "read 1", "maintenance", "read 2", "write 2"));
}

TEST_P(LanesTest, a_refusal_that_rested_on_a_lost_neighbour_is_reconsidered) {
  if (GetParam() != sqlite::EngineKind::faults) GTEST_SKIP() << "needs a disk that breaks";
  Lanes& lanes = start();
  Gate gate(lanes, a_);
  int seen = -1;
  Result<void> first;
  lanes.write(
      a_,
      [&](WriteTx& tx) {
        insert(tx, 1);
        // Once in the group, by which the commit fails, and once alone.
        plan_.fail(disk::Op::write, 1, ENOSPC, disk::FaultPlan::Lasting::once);
        return Verdict::keep;
      },
      [&](Result<void> fate) { first = std::move(fate); });
  lanes.write(
      a_,
      [&](WriteTx& tx) {
        auto rows = tx.query("SELECT count(*) FROM usage");
        rows.next();
        seen = static_cast<int>(rows.int64(0));
        return Verdict::undo;
      },
      [](Result<void> fate) { EXPECT_TRUE(fate); });
  gate.open();
  EXPECT_TRUE(wait(&Lanes::close, a_));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, Code::disk_full);
  EXPECT_EQ(seen, 0);
}

TEST_P(LanesTest, a_read_sees_what_was_answered_before_it_and_nothing_that_was_undone) {
  start();
  for (int i = 0; i < 20; ++i) {
    bool keep = i % 2 == 0;
    EXPECT_TRUE(write(a_, [&](WriteTx& tx) {
      insert(tx, i);
      return keep ? Verdict::keep : Verdict::undo;
    }));
    EXPECT_EQ(rows(a_), i / 2 + 1);
  }
}

// Whoever slept least is woken: its memory is still in the caches.
TEST_P(LanesTest, turns_one_after_another_stay_with_few_workers) {
  Limits limits;
  limits.workers = 8;
  start(limits);
  std::set<std::thread::id> threads;
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(write(a_, [&](WriteTx&) {
      threads.insert(std::this_thread::get_id());
      return Verdict::undo;
    }));
    // Time for the worker to fall asleep again.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_LE(threads.size(), 4u);
}

// A worker with few answers to give comes back for its lane without waking another; those of the
// other spaces are taken by others meanwhile.
TEST_P(LanesTest, a_space_is_served_while_another_ones_answer_is_given) {
  Lanes& lanes = start();
  std::promise<void> answering;
  std::promise<void> other_answered;
  lanes.read(
      a_, [](ReadTx&) {},
      [&](Result<void>) {
        answering.set_value();
        other_answered.get_future().wait();
      });
  answering.get_future().wait();
  EXPECT_EQ(rows(b_), 0);
  other_answered.set_value();
  EXPECT_EQ(rows(a_), 0);
  // Which waits until the answer has been given.
  EXPECT_TRUE(wait(&Lanes::close, a_));
}

TEST_P(LanesTest, a_transaction_a_read_left_open_is_not_kept) {
  start();
  auto fate = read(a_, [](ReadTx& tx) { tx.query("BEGIN").next(); });
  ASSERT_FALSE(fate);
  EXPECT_EQ(fate.error().code, Code::internal);
  EXPECT_TRUE(write(a_, [](WriteTx& tx) {
    insert(tx, 1);
    return Verdict::keep;
  }));
  EXPECT_EQ(rows(a_), 1);
}

INSTANTIATE_TEST_SUITE_P(engines, LanesTest, ::testing::ValuesIn(sqlite::kEngineKinds),
                         sqlite::kind_name);

}  // namespace
}  // namespace essaim::lane
