#include "platform/loop/task.h"

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "base/core/check.h"
#include "base/log/log.h"

namespace essaim::loop {

Task<> Wake::wait() {
  CHECK(!resume_);
  auto start = [this](auto handler) {
    resume_ = [resume = std::move(handler)]() mutable { std::move(resume)(); };
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(start, asio::use_awaitable);
}

void Wake::notify() {
  auto resume = std::exchange(resume_, nullptr);
  if (resume) resume();
}

Task<> yield() {
  auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
}

TaskSet::TaskSet(asio::io_context& context, std::string name)
    : context_(context), name_(std::move(name)) {}

void TaskSet::spawn(Task<> task) {
  ++size_;
  asio::co_spawn(context_, std::move(task), [this](std::exception_ptr failure) {
    --size_;
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log::error("task-exception", {{"task", name_}, {"what", error.what()}});
    }
  });
}

}  // namespace essaim::loop
