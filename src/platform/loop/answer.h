// One value, given once by any thread, awaited by one task on its loop.
//
// The two sides share the Answer, since either may go first: the task because its connection died,
// or the other side because it answered at once. Whoever is last frees it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "platform/loop/loop.h"
#include "platform/loop/task.h"

namespace essaim::loop {

template <class T>
class Answer {
 public:
  explicit Answer(Mailbox home) : home_(std::move(home)) {}

  // Any thread. The first call counts, later ones do nothing; nullopt says that no value will come.
  static void set(std::shared_ptr<Answer> self, std::optional<T> value) {
    Mailbox home = self->home_;
    {
      std::lock_guard lock(self->mutex_);
      if (std::exchange(self->given_, true)) return;
      self->value_ = std::move(value);
      if (!self->awaited_) return;
    }
    home.post([self = std::move(self)] { self->wake_.notify(); });
  }

  // Loop thread. Returns when a value was given or the wait abandoned; take() says which.
  Task<> wait() {
    {
      std::lock_guard lock(mutex_);
      if (given_) co_return;
      awaited_ = true;
    }
    co_await wake_.wait();
  }

  // Loop thread. Whether take() would find the value now.
  bool given() {
    std::lock_guard lock(mutex_);
    return given_;
  }

  // Loop thread: the value; nullopt when none will come, or none has yet.
  std::optional<T> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(value_, std::nullopt);
  }

  // Loop thread: wait() returns, value or not. A value that comes later is dropped.
  void abandon() {
    std::optional<T> dropped;
    {
      std::lock_guard lock(mutex_);
      given_ = true;
      dropped = std::exchange(value_, std::nullopt);
    }
    wake_.notify();
  }

 private:
  std::mutex mutex_;
  std::optional<T> value_;
  bool given_ = false;
  bool awaited_ = false;
  Wake wake_;  // loop thread only
  Mailbox home_;
};

// The giving side as a function object: call it once. Dropped uncalled, it says that no value will
// come, so that nobody waits for ever.
template <class T>
class Promise {
 public:
  explicit Promise(std::shared_ptr<Answer<T>> answer) : answer_(std::move(answer)) {}
  Promise(Promise&&) noexcept = default;
  Promise& operator=(Promise&&) = delete;
  ~Promise() {
    if (answer_) Answer<T>::set(std::move(answer_), std::nullopt);
  }
  void operator()(T value) {
    if (answer_) Answer<T>::set(std::move(answer_), std::optional<T>(std::move(value)));
  }

 private:
  std::shared_ptr<Answer<T>> answer_;
};

}  // namespace essaim::loop
