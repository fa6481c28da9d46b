// The lane's promises, over every engine.
#include "space/lane/lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "base/secrets/secrets.h"
#include "platform/sqlite/testing.h"

namespace essaim::lane {
namespace {

using store::ReadTx;
using store::WriteTx;

class LanesTest : public ::testing::TestWithParam<sqlite::EngineKind> {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }

  void SetUp() override {
    for (const SpaceId& id : {a_, b_}) {
      ASSERT_TRUE(store::create(*engine_, layout_, id, {"Voile", kGiB, {}}, disk::Durable::no));
    }
  }

  Lanes& start(Limits limits = {}) {
    limits.workers = 2;
    lanes_ = std::make_unique<Lanes>(*engine_, layout_, clock_, limits,
                                     [this](const SpaceId&, const std::string& reason) {
                                       std::lock_guard lock(mutex_);
                                       corrupt_.push_back(reason);
                                     });
    return *lanes_;
  }

  Result<void> write(const SpaceId& id, Write run) {
    std::promise<Result<void>> fate;
    lanes_->write(id, std::move(run), [&](Result<void> r) { fate.set_value(std::move(r)); });
    return fate.get_future().get();
  }
  Result<void> read(const SpaceId& id, Read run) {
    std::promise<Result<void>> fate;
    lanes_->read(id, std::move(run), [&](Result<void> r) { fate.set_value(std::move(r)); });
    return fate.get_future().get();
  }
  Result<void> wait(void (Lanes::*what)(const SpaceId&, TurnDone), const SpaceId& id) {
    std::promise<Result<void>> fate;
    (lanes_.get()->*what)(id, [&](Result<void> r) { fate.set_value(std::move(r)); });
    return fate.get_future().get();
  }
  static void insert(WriteTx& tx, int n) {
    tx.execute("INSERT INTO usage(place, bytes, files) VALUES (?, 1, 1)", n);
  }
  int rows(const SpaceId& id) {
    int count = -1;
    EXPECT_TRUE(read(id, [&](ReadTx& tx) {
      auto found = tx.query("SELECT count(*) FROM usage");
      found.next();
      count = static_cast<int>(found.int64(0));
    }));
    return count;
  }

  const SpaceId a_{"aa00000000000000"};
  const SpaceId b_{"bb00000000000000"};
  SystemClock clock_;
  disk::TestFolder folder_;
  disk::FaultPlan plan_;
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::make_engine(GetParam(), plan_);
  const store::Layout layout_{folder_.path()};
  std::unique_ptr<Lanes> lanes_;
  std::mutex mutex_;
  std::vector<std::string> corrupt_;
};

// Keeps a lane busy until it is opened.
class Gate {
 public:
  Gate(Lanes& lanes, const SpaceId& id) {
    std::promise<void> there;
    lanes.maintain(
        id,
        [&](store::Space&) -> Result<void> {
          there.set_value();
          open_.get_future().wait();
          return {};
        },
        [this](Result<void>) { finished_.set_value(); });
    there.get_future().wait();
  }
  void open() {
    open_.set_value();
    finished_.get_future().wait();
  }

 private:
  std::promise<void> open_;
  std::promise<void> finished_;
};

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
  for (int i = 0; i < 6; ++i) {
    lanes.write(
        a_, [](WriteTx&) { return Verdict::undo; },
        [&](Result<void> fate) { busy += !fate && fate.error().code == Code::busy; });
  }
  EXPECT_EQ(busy, 2);
  EXPECT_EQ(rows(b_), 0);
  gate.open();
}

TEST_P(LanesTest, a_held_space_is_closed_and_refuses_until_released) {
  Lanes& lanes = start();
  EXPECT_EQ(rows(a_), 0);
  EXPECT_TRUE(wait(&Lanes::hold, a_));
  EXPECT_EQ(lanes.counters().open_spaces, 0);
  auto fate = read(a_, [](ReadTx&) {});
  ASSERT_FALSE(fate);
  EXPECT_EQ(fate.error().code, Code::closed);
  lanes.release(a_);
  EXPECT_EQ(rows(a_), 0);
}

TEST_P(LanesTest, a_corrupt_space_is_frozen_and_told_once) {
  Lanes& lanes = start();
  {
    std::FILE* file = std::fopen(layout_.database(a_).c_str(), "r+b");
    ASSERT_NE(file, nullptr);
    std::fputs("this is not a database at all", file);
    std::fclose(file);
  }
  for (int i = 0; i < 2; ++i) {
    auto fate = read(a_, [](ReadTx&) {});
    ASSERT_FALSE(fate);
    EXPECT_EQ(fate.error().code, Code::closed);
  }
  EXPECT_EQ(corrupt_.size(), 1u);
  EXPECT_EQ(rows(b_), 0);
  EXPECT_EQ(lanes.counters().open_spaces, 1);
}

TEST_P(LanesTest, a_space_that_does_not_exist_answers_not_found) {
  start();
  auto fate = read(SpaceId{"zz00000000000000"}, [](ReadTx&) {});
  ASSERT_FALSE(fate);
  EXPECT_EQ(fate.error().code, Code::not_found);
}

TEST_P(LanesTest, no_more_spaces_are_open_than_allowed) {
  Limits limits;
  limits.open_max = 3;
  Lanes& lanes = start(limits);
  std::vector<SpaceId> ids;
  for (int i = 0; i < 8; ++i) {
    ids.push_back(SpaceId{"cc0000000000000" + std::to_string(i)});
    ASSERT_TRUE(
        store::create(*engine_, layout_, ids.back(), {"Voile", kGiB, {}}, disk::Durable::no));
  }
  for (int round = 0; round < 2; ++round) {
    for (const SpaceId& id : ids) {
      EXPECT_TRUE(write(id, [&](WriteTx& tx) {
        insert(tx, round);
        return Verdict::keep;
      }));
      EXPECT_LE(lanes.counters().open_spaces, 3);
    }
  }
  for (const SpaceId& id : ids) EXPECT_EQ(rows(id), 2);
}

TEST_P(LanesTest, an_idle_space_is_checkpointed_then_closed) {
  Limits limits;
  limits.tick = Duration(10);
  limits.checkpoint_idle = Duration(20);
  limits.idle_close = Duration(200);
  Lanes& lanes = start(limits);
  EXPECT_TRUE(write(a_, [](WriteTx& tx) {
    insert(tx, 1);
    return Verdict::keep;
  }));
  for (int i = 0; i < 200 && lanes.counters().open_spaces > 0; ++i) {
    std::this_thread::sleep_for(Duration(10));
  }
  EXPECT_EQ(lanes.counters().checkpoints, 1);
  EXPECT_EQ(lanes.counters().open_spaces, 0);
  EXPECT_EQ(std::filesystem::file_size(layout_.database(a_) + "-wal"), 0u);
  EXPECT_EQ(rows(a_), 1);
}

TEST_P(LanesTest, stopping_finishes_what_was_queued) {
  Lanes& lanes = start();
  std::atomic<int> kept = 0;
  for (int i = 0; i < 100; ++i) {
    lanes.write(
        i % 2 ? a_ : b_,
        [i](WriteTx& tx) {
          insert(tx, i);
          return Verdict::keep;
        },
        [&](Result<void> fate) { kept += fate.has_value(); });
  }
  lanes_.reset();
  EXPECT_EQ(kept, 100);
  start();
  EXPECT_EQ(rows(a_) + rows(b_), 100);
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

INSTANTIATE_TEST_SUITE_P(engines, LanesTest, ::testing::ValuesIn(sqlite::kEngineKinds),
                         sqlite::kind_name);

}  // namespace
}  // namespace essaim::lane
