#include "platform/loop/workers.h"

#include <exception>
#include <utility>

#include "base/log/log.h"
#include "platform/loop/thread.h"

namespace essaim::loop {
namespace {

void run_safely(std::move_only_function<void()>& job) {
  try {
    job();
  } catch (const std::exception& error) {
    log::error("worker-exception", {{"what", error.what()}});
  }
}

}  // namespace

Workers::Workers(int threads, const std::string& name, Shares shares) : shares_(shares) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, name] { work(name); });
}

Workers::~Workers() {
  finish();
}

bool Workers::run(std::string_view group, Job job) {
  {
    std::lock_guard lock(mutex_);
    if (!finished_) {
      auto found = groups_.find(std::string(group));
      std::size_t of_group = found == groups_.end() ? 0 : found->second.waiting.size();
      if (of_group >= shares_.waiting_of_one || waiting_ >= shares_.waiting_of_all) return false;
      if (found == groups_.end()) found = groups_.try_emplace(std::string(group)).first;
      found->second.waiting.push_back(std::move(job));
      ++waiting_;
      take_turn(found->first, found->second);
      return true;
    }
  }
  run_safely(job);
  return true;
}

void Workers::finish() {
  {
    std::lock_guard lock(mutex_);
    finished_ = true;
  }
  filled_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Workers::take_turn(const std::string& name, Group& group) {
  if (group.in_turn || group.waiting.empty() || group.running >= shares_.running_of_one) return;
  group.in_turn = true;
  turns_.push_back(name);
  filled_.notify_one();
}

void Workers::leave(const std::string& name) {
  auto found = groups_.find(name);
  --found->second.running;
  take_turn(found->first, found->second);
  if (found->second.running == 0 && found->second.waiting.empty()) groups_.erase(found);
  if (may_end()) filled_.notify_all();
}

void Workers::work(const std::string& name) {
  name_this_thread(name);
  std::unique_lock lock(mutex_);
  for (;;) {
    filled_.wait(lock, [this] { return !turns_.empty() || may_end(); });
    if (turns_.empty()) return;
    std::string turn = std::move(turns_.front());
    turns_.pop_front();
    Group& group = groups_.find(turn)->second;
    group.in_turn = false;
    Job job = std::move(group.waiting.front());
    group.waiting.pop_front();
    --waiting_;
    ++group.running;
    take_turn(turn, group);
    lock.unlock();
    run_safely(job);
    job = nullptr;  // what it owns goes while nothing is locked
    lock.lock();
    leave(turn);
  }
}

}  // namespace essaim::loop
