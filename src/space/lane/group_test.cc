// One of 16 writes in one group fails; the other 15 are answered as if it had never come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <set>
#include <thread>

#include "base/secrets/secrets.h"
#include "platform/sqlite/testing.h"
#include "space/journal/journal.h"
#include "space/lane/lanes.h"

namespace essaim::lane {
namespace {

using disk::Op;
using Lasting = disk::FaultPlan::Lasting;
using store::WriteTx;

constexpr int kWrites = 16;

enum class Trouble {
  constraint,      // a statement breaks a constraint
  exception,       // a bug
  swallowed,       // a statement loses the transaction and the handler hides it
  full_disk,       // the disk is full when its pages spill into the WAL
  io_error,        // the disk breaks at the same place
  failed_fsync,    // an fsync in the middle of the group fails
  full_at_commit,  // it fits in memory, and the disk is full at the commit of the group
  deadline,        // its deadline passes while it waits
};

struct Case {
  Trouble trouble;
  int position;
  Code code;
};

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  const char* names[] = {"constraint", "exception",    "swallowed",      "full_disk",
                         "io_error",   "failed_fsync", "full_at_commit", "deadline"};
  return std::string(names[static_cast<int>(info.param.trouble)]) + "_at_" +
         std::to_string(info.param.position);
}

class GroupTest : public ::testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }

  void SetUp() override {
    ASSERT_TRUE(store::create(*engine_, layout_, id_, {"Voile", kGiB, {}}, disk::Durable::no));
    Limits limits;
    limits.workers = 2;
    limits.tick = Duration(5);
    lanes_ = std::make_unique<Lanes>(
        *engine_, layout_, clock_, limits,
        [](const SpaceId&, const std::string& reason) { ADD_FAILURE() << "frozen: " << reason; });
  }

  // What each of the 15 does: takes the next change number and writes two rows.
  static Verdict honest(WriteTx& tx, int who) {
    tx.execute("INSERT INTO usage(place, bytes, files) VALUES (?, 1, 1)", who);
    journal::append(tx, NodeId{who}, journal::Op::created);
    return Verdict::keep;
  }

  // More pages than the cache holds, so that SQLite writes to the WAL before the commit.
  static void spill(WriteTx& tx) {
    tx.execute(
        "INSERT INTO node_log(seq, node_id, op, at)"
        " WITH RECURSIVE n(i) AS (SELECT 1000000 UNION ALL SELECT i+1 FROM n LIMIT 200000)"
        " SELECT i, 1, 1, 1 FROM n");
  }

  Verdict troubled(WriteTx& tx, int who) {
    honest(tx, who);
    switch (GetParam().trouble) {
      case Trouble::constraint:
        tx.execute(
            "INSERT INTO node(id, parent_id, name, kind, mtime, seq, own_seq)"
            " VALUES (?, 99999, 'x', 1, 1, 1, 1)",
            who + 1000);
        break;
      case Trouble::exception:
        throw std::runtime_error("a bug");
      case Trouble::swallowed:
        plan_.fail(Op::write, 1, ENOSPC, Lasting::once);
        try {
          spill(tx);
        } catch (const sqlite::Failure&) {
        }
        break;
      case Trouble::full_disk:
        plan_.fail(Op::write, 1, ENOSPC, Lasting::once);
        spill(tx);
        break;
      case Trouble::io_error:
        plan_.fail(Op::write, 1, EIO, Lasting::once);
        spill(tx);
        break;
      case Trouble::failed_fsync:
        // The first frames after a restart of the WAL are behind an fsync of its header.
        plan_.fail(Op::sync, 1, EIO, Lasting::once);
        spill(tx);
        break;
      case Trouble::full_at_commit:
        // Fails the commit of the group, and then this one again when it is alone.
        plan_.fail(Op::write, 1, ENOSPC, Lasting::once);
        break;
      case Trouble::deadline:
        ADD_FAILURE() << "ran after its deadline";
        break;
    }
    return Verdict::keep;
  }

  void queue(int who) {
    bool culprit = who == GetParam().position;
    auto run = [this, who, culprit](WriteTx& tx) {
      ++runs_[who];
      return culprit ? troubled(tx, who) : honest(tx, who);
    };
    auto done = [this, who](Result<void> fate) {
      fates_[who] = std::move(fate);
      answers_[who] += 1;
      if (++answered_ == kWrites) all_answered_.set_value();
    };
    std::optional<Duration> deadline;
    if (culprit && GetParam().trouble == Trouble::deadline) deadline = Duration(1);
    lanes_->write(id_, run, done, deadline);
  }

  // Queues all 16 while the lane is held, then lets them go as one group.
  void run_group() {
    std::promise<void> held;
    std::promise<void> open;
    lanes_->maintain(
        id_,
        [&](store::Space& space) -> Result<void> {
          // A WAL that starts again syncs its header, so that an fsync falls inside the group.
          auto checkpointed = space.checkpoint();
          held.set_value();
          open.get_future().wait();
          return checkpointed;
        },
        [](Result<void> fate) { EXPECT_TRUE(fate); });
    held.get_future().wait();
    for (int who = 0; who < kWrites; ++who) queue(who);
    if (GetParam().trouble == Trouble::deadline) std::this_thread::sleep_for(Duration(3));
    open.set_value();
    all_answered_.get_future().wait();
  }

  template <class Action>
  void read(Action action) {
    std::promise<void> done;
    lanes_->read(id_, action, [&](Result<void> fate) {
      EXPECT_TRUE(fate);
      done.set_value();
    });
    done.get_future().wait();
  }

  std::set<int> written() {
    std::set<int> found;
    read([&](store::ReadTx& tx) {
      auto rows = tx.query("SELECT place FROM usage ORDER BY place");
      while (rows.next()) found.insert(static_cast<int>(rows.int64(0)));
    });
    return found;
  }

  const SpaceId id_{"aa00000000000000"};
  SystemClock clock_;
  disk::TestFolder folder_;
  disk::FaultPlan plan_;
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::fault_engine(plan_);
  const store::Layout layout_{folder_.path()};
  std::array<Result<void>, kWrites> fates_;
  std::array<std::atomic<int>, kWrites> answers_{};
  std::array<std::atomic<int>, kWrites> runs_{};
  std::atomic<int> answered_ = 0;
  std::promise<void> all_answered_;
  std::unique_ptr<Lanes> lanes_;
};

TEST_P(GroupTest, the_other_fifteen_are_answered_as_if_it_had_never_come) {
  run_group();
  plan_.heal();
  std::set<int> expected;
  for (int who = 0; who < kWrites; ++who) {
    EXPECT_EQ(answers_[who], 1);
    if (who == GetParam().position) {
      ASSERT_FALSE(fates_[who]);
      EXPECT_EQ(fates_[who].error().code, GetParam().code) << fates_[who].error().detail;
      continue;
    }
    EXPECT_TRUE(fates_[who]) << who << ": " << fates_[who].error().detail;
    EXPECT_GE(runs_[who], 1);
    expected.insert(who);
  }
  EXPECT_EQ(written(), expected);
  // Exactly once each: fifteen numbers taken, without a gap.
  read([&](store::ReadTx& tx) {
    auto rows = tx.query("SELECT count(*), min(seq), max(seq) FROM node_log");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.int64(0), kWrites - 1);
    EXPECT_EQ(rows.int64(1), 2);
    EXPECT_EQ(rows.int64(2), kWrites);
    EXPECT_EQ(journal::last(tx), kWrites);
  });
  // All this is on disk: another owner sees the same.
  lanes_.reset();
  auto space = store::Space::open(*engine_, layout_, id_);
  ASSERT_TRUE(space);
  auto rows = (*space)->database().query("SELECT count(*) FROM usage");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.int64(0), kWrites - 1);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (int position : {0, 7, 15}) {
    all.push_back({Trouble::constraint, position, Code::conflict});
    all.push_back({Trouble::exception, position, Code::internal});
    all.push_back({Trouble::swallowed, position, Code::internal});
    all.push_back({Trouble::full_disk, position, Code::disk_full});
    all.push_back({Trouble::io_error, position, Code::io});
    all.push_back({Trouble::failed_fsync, position, Code::io});
    all.push_back({Trouble::full_at_commit, position, Code::disk_full});
    all.push_back({Trouble::deadline, position, Code::timeout});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(troubles, GroupTest, ::testing::ValuesIn(cases()), case_name);

class LostCommitTest : public GroupTest {};

TEST_P(LostCommitTest, a_commit_whose_fsync_fails_is_promised_to_nobody_and_the_next_ones_work) {
  std::promise<void> held;
  std::promise<void> open;
  lanes_->maintain(
      id_,
      [&](store::Space&) -> Result<void> {
        held.set_value();
        open.get_future().wait();
        return {};
      },
      [](Result<void>) {});
  held.get_future().wait();
  for (int who = 0; who < kWrites; ++who) {
    lanes_->write(
        id_, [who](WriteTx& tx) { return honest(tx, who); },
        [this, who](Result<void> fate) {
          fates_[who] = std::move(fate);
          if (++answered_ == kWrites) all_answered_.set_value();
        });
  }
  plan_.fail(Op::sync, 1, EIO, Lasting::once);
  open.set_value();
  all_answered_.get_future().wait();
  for (auto& fate : fates_) {
    ASSERT_FALSE(fate);
    EXPECT_EQ(fate.error().code, Code::io);
  }
  EXPECT_EQ(lanes_->counters().lost_handles, 1);
  auto before = written().size();
  std::promise<Result<void>> fate;
  lanes_->write(
      id_, [](WriteTx& tx) { return honest(tx, 100); },
      [&](Result<void> answer) { fate.set_value(std::move(answer)); });
  EXPECT_TRUE(fate.get_future().get());
  EXPECT_EQ(written().size(), before + 1);
}

INSTANTIATE_TEST_SUITE_P(troubles, LostCommitTest,
                         ::testing::Values(Case{Trouble::failed_fsync, 0, Code::io}), case_name);

}  // namespace
}  // namespace essaim::lane
