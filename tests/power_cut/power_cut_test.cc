// The plug is pulled after every single operation of a mixed run. Whatever subset of the unsynced
// writes the disk kept: every space opens, is whole, and has every acknowledged change.
#include "platform/disk/power_cut.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "base/core/check.h"
#include "base/secrets/secrets.h"
#include "platform/disk/testing.h"
#include "platform/sqlite/faults.h"
#include "replay.h"
#include "workload.h"

namespace essaim::power_cut {
namespace {

using disk::Op;
using Change = Workload::Change;
using Lasting = disk::FaultPlan::Lasting;

constexpr int kSubsets = 100;

std::uint64_t chosen_seed() {
  const char* given = std::getenv("ESSAIM_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

class PowerCutTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }
  void SetUp() override {
    std::printf("seed %llu (ESSAIM_SEED repeats it)\n", static_cast<unsigned long long>(seed_));
  }
  void report(const char* what, const Replay& replay, std::size_t events) {
    auto took = std::chrono::steady_clock::now() - began_;
    std::printf(
        "%s: %zu events, %lld moments, %lld images, %lld distinct, %lld of them written to "
        "afterwards, %.1f s\n",
        what, events, static_cast<long long>(replay.moments()),
        static_cast<long long>(replay.images()), static_cast<long long>(replay.distinct()),
        static_cast<long long>(replay.continued()), std::chrono::duration<double>(took).count());
    for (const auto& broken : replay.broken()) ADD_FAILURE() << broken;
  }

  const std::uint64_t seed_ = chosen_seed();
  std::mt19937_64 random_{seed_};
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  disk::TestFolder folder_;
  disk::FaultPlan plan_;
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::fault_engine(plan_);
};

std::vector<Change> random_burst(std::mt19937_64& random, int space, int changes) {
  std::vector<Change> burst;
  constexpr std::size_t sizes[] = {0, 20, 1'000, 6'000, 17'000, 30'000};
  for (int n = 0; n < changes; ++n) {
    burst.push_back({space, static_cast<int>(random() % kNames), sizes[random() % 6]});
  }
  return burst;
}

TEST_F(PowerCutTest, every_acknowledged_change_survives_and_every_image_is_whole) {
  plan_.record();
  History history;
  {
    Workload work(plan_, *engine_, folder_.path());
    ASSERT_TRUE(work.create(0));
    for (int round = 0; round < 4; ++round) {
      for (int changes : {1, 6, 2}) {
        auto burst = random_burst(random_, round % 2 && round > 1 ? 1 : 0, changes);
        ASSERT_EQ(work.burst(burst), changes);
      }
      bool worked = round == 2 ? work.sweep(0, Duration(120'000)) : work.checkpoint(0);
      ASSERT_TRUE(worked);
      ASSERT_TRUE(round != 1 || work.create(1));
    }
    ASSERT_TRUE(work.close(0));
    auto last = random_burst(random_, 0, 3);
    ASSERT_EQ(work.burst(last), 3);
    history = work.history();
  }
  auto trace = plan_.take_trace();
  Replay replay(trace, folder_.path(), history, seed_, kSubsets);
  replay.run([](const disk::Event& event, bool changed) {
    bool answered =
        event.kind == disk::Event::Kind::note && Mark::unpack(event.file).kind != Mark::Kind::asked;
    return changed || answered;
  });
  report("power cut", replay, trace.size());
  EXPECT_GT(replay.images(), 10'000);
}

// The kernel forgets what an fsync could not write: a later fsync succeeds and has written nothing.
// So each fsync of a run fails once, and the power goes after each later answer.
TEST_F(PowerCutTest, an_fsync_that_failed_once_costs_nothing_that_was_acknowledged_later) {
  std::int64_t moments = 0;
  std::int64_t images = 0;
  std::int64_t refused = 0;
  bool reached = true;
  for (int nth = 1; reached; ++nth) {
    disk::TestFolder folder;
    disk::FaultPlan plan;
    auto engine = sqlite::fault_engine(plan);
    History history;
    plan.record();
    {
      Workload work(plan, *engine, folder.path());
      plan.fail(Op::sync, nth, EIO, Lasting::once);
      bool there = work.create(0) || work.create(0);
      ASSERT_TRUE(there);
      for (const auto& burst : {std::vector<Change>{{0, 0, 100}, {0, 1, 20'000}, {0, 2, 6'000}},
                                std::vector<Change>{{0, 0, 200}, {0, 1, 0}},
                                std::vector<Change>{{0, 3, 18'000}, {0, 0, 300}, {0, 2, 0}}}) {
        int kept = work.burst(burst);
        refused += static_cast<int>(burst.size()) - kept;
        (void)work.checkpoint(0);
      }
      reached = plan.failed() > 0;
      plan.heal();
      EXPECT_EQ(work.burst({{0, 4, 100}, {0, 5, 20'000}}), 2);
      EXPECT_TRUE(work.close(0));
      EXPECT_EQ(work.burst({{0, 4, 200}}), 1);
      history = work.history();
    }
    auto trace = plan.take_trace();
    Replay replay(trace, folder.path(), history, seed_, 20);
    replay.run([](const disk::Event& event, bool) {
      return event.kind == disk::Event::Kind::note &&
             Mark::unpack(event.file).kind != Mark::Kind::asked;
    });
    moments += replay.moments();
    images += replay.images();
    for (const auto& broken : replay.broken()) ADD_FAILURE() << "fsync " << nth << ": " << broken;
  }
  std::printf("failed fsyncs: %lld changes refused, %lld moments, %lld images\n",
              static_cast<long long>(refused), static_cast<long long>(moments),
              static_cast<long long>(images));
  EXPECT_GT(refused, 5);
}

}  // namespace
}  // namespace essaim::power_cut
