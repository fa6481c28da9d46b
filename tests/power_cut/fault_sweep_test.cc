// Each operation on the disk fails once, with an I/O error and with a full disk, at every place of
// a short run: never a false success, no half change, and the service goes on.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>

#include "base/secrets/secrets.h"
#include "platform/disk/testing.h"
#include "platform/sqlite/faults.h"
#include "workload.h"

namespace essaim::power_cut {
namespace {

using disk::Op;
using Change = Workload::Change;
using Lasting = disk::FaultPlan::Lasting;

constexpr int kPlacesMax = 2'000;  // of one operation in a run; more is a run that never ends

// One cloud on a disk that breaks.
struct Ground {
  Ground() { plan.record(); }

  // What the rows and blobs say, against every promise made so far. Ends the service.
  std::string broken_promise() {
    History history = work->history();
    work.reset();
    Promises promises;
    auto trace = plan.take_trace();
    for (const auto& event : trace) promises.follow(event);
    return promises.broken_by(inspect(*engine, folder.path(), 0), 0, history);
  }

  disk::TestFolder folder;
  disk::FaultPlan plan;
  std::unique_ptr<sqlite::Engine> engine = sqlite::fault_engine(plan);
  std::unique_ptr<Workload> work = std::make_unique<Workload>(plan, *engine, folder.path());
};

struct Tally {
  std::int64_t runs = 0;
  std::int64_t changes = 0;
  std::int64_t refused = 0;
};

// Returns how many of the changes were refused.
int mixed_run(Workload& work, Tally& tally) {
  int refused = 0;
  auto burst = [&](const std::vector<Change>& changes) {
    refused += static_cast<int>(changes.size()) - work.burst(changes);
    tally.changes += static_cast<std::int64_t>(changes.size());
  };
  burst({{0, 0, 100}, {0, 1, 20'000}, {0, 2, 3'000}});
  (void)work.checkpoint(0);
  burst({{0, 0, 0}, {0, 1, 200}, {0, 3, 20'000}});
  (void)work.close(0);
  burst({{0, 2, 18'000}, {0, 0, 50}});
  (void)work.sweep(0, Duration(120'000));
  burst({{0, 4, 10}});
  tally.refused += refused;
  return refused;
}

struct Fault {
  Op op;
  int error;
};

class FaultSweepTest : public ::testing::TestWithParam<Fault> {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }
};

TEST_P(FaultSweepTest, never_a_false_success_and_the_service_goes_on) {
  auto [op, error] = GetParam();
  Tally tally;
  bool reached = true;
  for (int nth = 1; reached && nth <= kPlacesMax && !HasFailure(); ++nth) {
    SCOPED_TRACE("the " + std::to_string(nth) + "th");
    Ground ground;
    ground.plan.fail(op, nth, error, Lasting::once);
    if (!ground.work->create(0)) {
      EXPECT_EQ(ground.work->last_error(), error == EIO ? Code::io : Code::disk_full);
      EXPECT_FALSE(ground.work->readable(0));
      ASSERT_TRUE(ground.work->create(0));
    }
    int refused = mixed_run(*ground.work, tally);
    reached = ground.plan.failed() > 0;
    EXPECT_TRUE(reached || refused == 0);
    ground.plan.heal();
    EXPECT_EQ(ground.work->burst({{0, 5, 100}, {0, 6, 20'000}, {0, 1, 0}}), 3);
    EXPECT_TRUE(ground.work->readable(0));
    EXPECT_EQ(ground.broken_promise(), "");
    ++tally.runs;
  }
  EXPECT_FALSE(reached);
  std::printf("%s, %s: %lld places, %lld changes, %lld refused\n", disk::name(op),
              error == EIO ? "EIO" : "ENOSPC", static_cast<long long>(tally.runs - 1),
              static_cast<long long>(tally.changes), static_cast<long long>(tally.refused));
}

std::vector<Fault> every_fault() {
  std::vector<Fault> all;
  for (Op op : {Op::open, Op::write, Op::truncate, Op::sync, Op::link, Op::rename, Op::remove,
                Op::make_folder}) {
    for (int error : {EIO, ENOSPC}) all.push_back({op, error});
  }
  all.push_back({Op::read, EIO});
  return all;
}

std::string fault_name(const ::testing::TestParamInfo<Fault>& info) {
  return std::string(disk::name(info.param.op)) + (info.param.error == EIO ? "_EIO" : "_ENOSPC");
}

INSTANTIATE_TEST_SUITE_P(faults, FaultSweepTest, ::testing::ValuesIn(every_fault()), fault_name);

class FullDiskTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }

  static void fill(disk::FaultPlan& plan, int after) {
    plan.fail(Op::write, after, ENOSPC, Lasting::from_then_on);
    plan.fail(Op::make_folder, 1, ENOSPC, Lasting::from_then_on);
    plan.fail(Op::link, 1, ENOSPC, Lasting::from_then_on);
  }
};

TEST_F(FullDiskTest, a_full_disk_refuses_writes_answers_reads_and_recovers_by_itself) {
  for (int after = 1; after <= 60; after += 3) {
    Ground ground;
    ASSERT_TRUE(ground.work->create(0));
    Tally tally;
    ASSERT_EQ(mixed_run(*ground.work, tally), 0);
    fill(ground.plan, after);
    int refused = 0;
    for (int round = 0; round < 12; ++round) {
      refused += 3 - ground.work->burst({{0, round % kNames, 500}, {0, 7, 20'000}, {0, 8, 0}});
      EXPECT_TRUE(ground.work->readable(0));
      if (round == 6) (void)ground.work->checkpoint(0);
    }
    EXPECT_GT(refused, 0);
    EXPECT_EQ(ground.work->last_error(), Code::disk_full);
    ground.plan.heal();
    EXPECT_EQ(ground.work->burst({{0, 5, 100}, {0, 6, 20'000}, {0, 1, 0}}), 3);
    EXPECT_TRUE(ground.work->close(0));
    EXPECT_EQ(ground.broken_promise(), "");
  }
}

TEST_F(FullDiskTest, a_space_that_was_not_closed_can_be_read_while_the_disk_is_full) {
  Ground ground;
  ASSERT_TRUE(ground.work->create(0));
  ASSERT_EQ(ground.work->burst({{0, 0, 100}}), 1);
  // The checkpoint of a close fails, so the WAL stays, and must be read by the next owner.
  fill(ground.plan, 1);
  EXPECT_TRUE(ground.work->close(0));
  EXPECT_TRUE(ground.work->readable(0));
  EXPECT_EQ(ground.work->burst({{0, 0, 200}}), 0);
  EXPECT_EQ(ground.work->last_error(), Code::disk_full);
  ground.plan.heal();
  EXPECT_EQ(ground.work->burst({{0, 0, 300}}), 1);
  EXPECT_EQ(ground.broken_promise(), "");
}

}  // namespace
}  // namespace essaim::power_cut
