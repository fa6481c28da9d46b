// Coroutines on a loop. Only platform/ may use them.
//
// g++ 12.2 destroys temporaries of a co_await expression twice when they own something. So: no
// capturing lambda and no braced value inside a co_await expression; name it first, then move it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "platform/loop/asio.h"

namespace essaim::loop {

template <class T = void>
using Task = asio::awaitable<T>;

// Something one task waits for and others on the same loop bring about. Used by one thread only.
class Wake {
 public:
  // Returns after notify(). One waiter at a time; a notify() that came before it is not kept.
  Task<> wait();
  // Resumes the waiter in place, if there is one: call it with nothing left to do.
  void notify();

 private:
  std::move_only_function<void()> resume_;
};

// Lets other work of the loop run before the task goes on.
Task<> yield();

// The running tasks of one loop, under one name. Used on its thread only.
class TaskSet {
 public:
  TaskSet(asio::io_context& context, std::string name);
  // Starts a task. An exception out of it is logged.
  void spawn(Task<> task);
  std::size_t size() const { return size_; }

 private:
  asio::io_context& context_;
  std::string name_;
  std::size_t size_ = 0;
};

}  // namespace essaim::loop
