#include "platform/loop/loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log/log.h"
#include "platform/loop/answer.h"
#include "platform/loop/task.h"
#include "platform/loop/workers.h"

namespace essaim::loop {
namespace {

TEST(Loop, runs_posted_work_in_order_on_its_thread) {
  Loop loop("test");
  std::vector<int> seen;
  for (int i = 0; i < 100; ++i) loop.post([&, i] { seen.push_back(i); });
  bool own_thread = false;
  loop.run([&] { own_thread = loop.on_this_thread(); });
  EXPECT_TRUE(own_thread);
  ASSERT_EQ(seen.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(Loop, an_exception_is_logged_and_the_loop_goes_on) {
  std::string logged;
  log::set_output([&](std::string_view line) { logged += line; });
  {
    Loop loop("test");
    loop.post([] { throw std::runtime_error("out of tea"); });
    loop.run([] {});
  }
  log::set_output(nullptr);
  EXPECT_NE(logged.find("out of tea"), std::string::npos);
}

TEST(Mailbox, outlives_its_loop) {
  Mailbox mailbox;
  EXPECT_FALSE(mailbox.post([] {}));
  {
    Loop loop("test");
    mailbox = loop.mailbox();
    EXPECT_TRUE(mailbox.post([] {}));
  }
  EXPECT_FALSE(mailbox.post([] {}));
}

Task<> put_answer(std::shared_ptr<Answer<std::string>> answer, std::promise<std::string>& out) {
  co_await answer->wait();
  out.set_value(answer->take().value_or("none"));
}

struct Waiting {
  Loop loop{"test"};
  TaskSet tasks{loop.context(), "test"};
  std::shared_ptr<Answer<std::string>> answer =
      std::make_shared<Answer<std::string>>(loop.mailbox());
  std::promise<std::string> out;

  ~Waiting() { loop.finish(); }
  void start() {
    loop.run([&] { tasks.spawn(put_answer(answer, out)); });
  }
};

TEST(Answer, wakes_the_task_that_waits_for_it) {
  Waiting waiting;
  waiting.start();
  Promise<std::string> promise(waiting.answer);
  std::thread giver([&] { promise("tea"); });
  EXPECT_EQ(waiting.out.get_future().get(), "tea");
  giver.join();
}

TEST(Answer, given_before_the_wait_it_is_there) {
  Waiting waiting;
  Promise<std::string>(waiting.answer)("tea");
  waiting.start();
  EXPECT_EQ(waiting.out.get_future().get(), "tea");
}

TEST(Answer, a_dropped_promise_ends_the_wait) {
  Waiting waiting;
  waiting.start();
  { Promise<std::string> promise(waiting.answer); }
  EXPECT_EQ(waiting.out.get_future().get(), "none");
}

TEST(Answer, an_abandoned_wait_ends_and_a_late_value_is_dropped) {
  Waiting waiting;
  waiting.start();
  waiting.loop.run([&] { waiting.answer->abandon(); });
  EXPECT_EQ(waiting.out.get_future().get(), "none");
  Promise<std::string>(waiting.answer)("late");
  EXPECT_FALSE(waiting.answer->take());
}

TEST(Answer, may_come_after_the_loop) {
  auto late = [] {
    Waiting waiting;
    waiting.start();
    waiting.loop.run([&] { waiting.answer->abandon(); });
    return waiting.answer;
  }();
  Promise<std::string> promise(std::move(late));
  promise("late");
}

TEST(Answer, many_cross_the_threads_without_loss) {
  Loop loop("test");
  TaskSet tasks(loop.context(), "test");
  Workers workers(3, "test");
  constexpr int kCount = 2000;
  std::vector<std::promise<std::string>> outs(kCount);
  for (int i = 0; i < kCount; ++i) {
    auto answer = std::make_shared<Answer<std::string>>(loop.mailbox());
    workers.run("", [promise = Promise<std::string>(answer)]() mutable { promise("x"); });
    loop.post(
        [&, answer, i] { tasks.spawn(put_answer(answer, outs[static_cast<std::size_t>(i)])); });
  }
  for (auto& out : outs) EXPECT_EQ(out.get_future().get(), "x");
  loop.finish();
  EXPECT_EQ(tasks.size(), 0u);
}

TEST(Workers, run_everything_before_they_end) {
  std::atomic<int> ran = 0;
  {
    Workers workers(2, "test");
    for (int i = 0; i < 1000; ++i) workers.run(std::to_string(i % 7), [&] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

// One worker that is held until told; what begins afterwards is written down.
struct HeldWorker {
  explicit HeldWorker(Shares shares) : workers(1, "test", shares) {
    workers.run("holder", [this] {
      held.set_value();
      gate.get_future().wait();
    });
    held.get_future().wait();
  }
  bool add(const std::string& group, const std::string& what) {
    return workers.run(group, [this, what] { begun += what; });
  }
  std::string finish() {
    gate.set_value();
    workers.finish();
    return begun;
  }
  std::promise<void> held;
  std::promise<void> gate;
  std::string begun;
  Workers workers;
};

TEST(Workers, groups_take_turns_and_keep_their_order) {
  HeldWorker held({});
  for (auto job : {"1", "2", "3", "4"}) held.add("busy", job);
  for (auto job : {"a", "b"}) held.add("quiet", job);
  EXPECT_EQ(held.finish(), "1a2b34");
}

TEST(Workers, a_group_beyond_its_share_is_refused_and_others_are_not) {
  HeldWorker held({.waiting_of_one = 2, .waiting_of_all = 3});
  EXPECT_TRUE(held.add("busy", "1"));
  EXPECT_TRUE(held.add("busy", "2"));
  EXPECT_FALSE(held.add("busy", "3"));
  EXPECT_TRUE(held.add("quiet", "a"));
  EXPECT_FALSE(held.add("third", "x"));
  EXPECT_EQ(held.finish(), "1a2");
}

TEST(Workers, no_more_of_one_group_run_at_once_than_allowed) {
  constexpr int kJobs = 200;
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  std::atomic<int> ran = 0;
  {
    Workers workers(4, "test", {.running_of_one = 2});
    for (int i = 0; i < kJobs; ++i) {
      workers.run("one", [&] {
        int now = ++at_once;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::yield();
        --at_once;
        ++ran;
      });
    }
  }
  EXPECT_LE(most, 2);
  EXPECT_EQ(ran, kJobs);
}

TEST(Workers, an_exception_ends_its_job_and_nothing_else) {
  std::atomic<int> ran = 0;
  {
    Workers workers(1, "test");
    workers.run("", [] { throw std::runtime_error("a bug"); });
    workers.run("", [&] { ++ran; });
  }
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace essaim::loop
