#include "platform/loop/workers.h"

#include <pthread.h>

#include <exception>
#include <utility>

#include "base/log/log.h"

namespace essaim::loop {
namespace {

constexpr std::size_t kThreadNameMax = 15;  // what the kernel keeps

void run_safely(std::move_only_function<void()>& job) {
  try {
    job();
  } catch (const std::exception& error) {
    log::error("worker-exception", {{"what", error.what()}});
  }
}

}  // namespace

Workers::Workers(int threads, const std::string& name) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, name] { work(name); });
}

Workers::~Workers() {
  finish();
}

void Workers::run(std::move_only_function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (!finished_) {
      jobs_.push_back(std::move(job));
      filled_.notify_one();
      return;
    }
  }
  run_safely(job);
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

void Workers::work(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, kThreadNameMax).c_str());
  for (;;) {
    std::move_only_function<void()> job;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return finished_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    run_safely(job);
  }
}

}  // namespace essaim::loop
