#include "platform/loop/loop.h"

#include <exception>
#include <future>
#include <utility>

#include "base/core/check.h"
#include "base/log/log.h"
#include "platform/loop/asio.h"
#include "platform/loop/thread.h"

namespace essaim::loop {
struct Loop::Guard {
  explicit Guard(asio::io_context& context) : guard(context.get_executor()) {}
  asio::executor_work_guard<asio::io_context::executor_type> guard;
};

bool Mailbox::post(std::move_only_function<void()> work) const {
  auto context = context_.lock();
  if (!context) return false;
  asio::post(*context, std::move(work));
  return true;
}

Loop::Loop(std::string name)
    : name_(std::move(name)),
      context_(std::make_shared<asio::io_context>(1)),  // 1: one thread runs it
      guard_(std::make_unique<Guard>(*context_)),
      thread_([this] { work(); }) {}

Loop::~Loop() {
  finish();
}

void Loop::work() {
  name_this_thread(name_);
  for (;;) {
    try {
      context_->run();
      return;
    } catch (const std::exception& error) {
      log::error("loop-exception", {{"loop", name_}, {"what", error.what()}});
    }
  }
}

void Loop::post(std::move_only_function<void()> work) {
  asio::post(*context_, std::move(work));
}

Mailbox Loop::mailbox() const {
  return Mailbox(context_);
}

void Loop::run(const std::function<void()>& work) {
  CHECK(!on_this_thread());
  std::promise<void> ran;
  post([&] {
    work();
    ran.set_value();
  });
  ran.get_future().wait();
}

void Loop::finish() {
  guard_.reset();
  if (thread_.joinable()) thread_.join();
}

}  // namespace essaim::loop
