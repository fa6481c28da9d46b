// A loud space runs behind the others and rests while they work, over every engine.
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <thread>

#include "base/log/log.h"
#include "space/lane/internal/testing.h"

namespace essaim::lane {
namespace {

int niceness() {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

// Takes a processor for that long.
void burn(std::chrono::milliseconds time) {
  auto taken = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  auto until = taken() + time;
  while (taken() < until) {
  }
}

class RestsTest : public LanesTest {
 protected:
  // A hundredth of a processor, nothing at once: 2 ms of work, 200 ms of rest.
  Limits strict() {
    Limits limits;
    limits.share_of_one = 0.01;
    limits.burst = Duration(0);
    limits.rest_max = Duration(200);
    limits.working = Duration(60'000);
    return limits;
  }
  std::chrono::nanoseconds two_turns_of(const SpaceId& id) {
    auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(read(id, [](ReadTx&) { burn(Duration(2)); }));
    return std::chrono::steady_clock::now() - began;
  }
};

TEST_P(RestsTest, alone_it_never_rests) {
  start(strict());
  two_turns_of(a_);
  EXPECT_EQ(lanes_->counters().rests, 0);
}

TEST_P(RestsTest, beside_another_it_rests_between_its_turns) {
  start(strict());
  EXPECT_EQ(rows(b_), 0);
  EXPECT_GE(two_turns_of(a_), Duration(200));
  EXPECT_GE(lanes_->counters().rests, 2);
}

TEST_P(RestsTest, the_log_says_once_which_one_rests) {
  std::mutex mutex;
  std::vector<std::string> lines;
  log::set_output([&](std::string_view line) {
    std::lock_guard lock(mutex);
    lines.emplace_back(line);
  });
  start(strict());
  EXPECT_EQ(rows(b_), 0);
  two_turns_of(a_);
  lanes_.reset();
  log::set_output({});
  EXPECT_THAT(lines,
              ::testing::ElementsAre(::testing::HasSubstr("event=space_loud id=" + a_.value)));
}

TEST_P(RestsTest, another_that_has_long_been_silent_does_not_count) {
  auto limits = strict();
  limits.working = Duration(0);
  start(limits);
  EXPECT_EQ(rows(b_), 0);
  two_turns_of(a_);
  EXPECT_EQ(lanes_->counters().rests, 0);
}

TEST_P(RestsTest, a_loud_space_runs_on_threads_that_give_way_until_it_is_quiet_again) {
  auto limits = strict();
  limits.burst = Duration(1);
  start(limits);
  auto niceness_of_turn = [&](const SpaceId& id) {
    int nice = -1;
    EXPECT_TRUE(read(id, [&](ReadTx&) { nice = niceness(); }));
    return nice;
  };
  EXPECT_EQ(niceness_of_turn(a_), 0);
  EXPECT_TRUE(read(a_, [](ReadTx&) { burn(Duration(3)); }));
  EXPECT_EQ(niceness_of_turn(a_), 10);
  EXPECT_EQ(niceness_of_turn(b_), 0);
  // What is owed takes 200 ms, half of the burst 50 more.
  std::this_thread::sleep_for(Duration(400));
  EXPECT_EQ(niceness_of_turn(a_), 0);
}

TEST_P(RestsTest, writes_that_come_in_a_rest_share_a_commit) {
  auto limits = strict();
  limits.rest_max = Duration(1'000);
  Lanes& lanes = start(limits);
  EXPECT_EQ(rows(b_), 0);
  EXPECT_TRUE(read(a_, [](ReadTx&) { burn(Duration(10)); }));
  auto before = lanes.counters().commits;
  for (int i = 0; i < 8; ++i) {
    lanes.write(
        a_,
        [i](WriteTx& tx) {
          insert(tx, i);
          return Verdict::keep;
        },
        [](Result<void> fate) { EXPECT_TRUE(fate); });
    // Longer than a commit takes.
    std::this_thread::sleep_for(Duration(5));
  }
  EXPECT_TRUE(wait(&Lanes::close, a_));
  EXPECT_EQ(lanes.counters().commits - before, 1);
  EXPECT_EQ(rows(a_), 8);
}

TEST_P(RestsTest, stopping_ends_every_rest) {
  auto limits = strict();
  limits.rest_max = Duration(3'600'000);
  start(limits);
  EXPECT_EQ(rows(b_), 0);
  EXPECT_TRUE(read(a_, [](ReadTx&) { burn(Duration(200)); }));
  bool done = false;
  lanes_->write(
      a_,
      [](WriteTx& tx) {
        insert(tx, 1);
        return Verdict::keep;
      },
      [&](Result<void> fate) { done = fate.has_value(); });
  auto began = std::chrono::steady_clock::now();
  lanes_.reset();
  EXPECT_TRUE(done);
  // 200 ms at a hundredth are 20 s.
  EXPECT_LT(std::chrono::steady_clock::now() - began, Duration(10'000));
}

INSTANTIATE_TEST_SUITE_P(engines, RestsTest, ::testing::ValuesIn(sqlite::kEngineKinds),
                         sqlite::kind_name);

}  // namespace
}  // namespace essaim::lane
