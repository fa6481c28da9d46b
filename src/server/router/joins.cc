#include "server/router/joins.h"

namespace essaim::router {

Joins::Joins() {
  for (int i = 0; i < kJoinsAtOnce; ++i) threads_.emplace_back([this] { work(); });
}

Joins::~Joins() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

Joins::Started Joins::start(const std::string& transfer, std::move_only_function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (running_.contains(transfer)) return Started::already;
    if (jobs_.size() >= kJoinsWaitingMax) return Started::full;
    running_.insert(transfer);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return Started::yes;
}

void Joins::finished(const std::string& transfer) {
  std::lock_guard lock(mutex_);
  running_.erase(transfer);
}

void Joins::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace essaim::router
