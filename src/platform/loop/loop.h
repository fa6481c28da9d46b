// One thread, one event loop: sockets and timers by Boost.Asio (include "platform/loop/asio.h" to
// use them), and a mailbox through which any thread hands work to it.
//
// Nothing that runs on a loop may wait: no disk, no database, no lock held for long.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace boost::asio {
class io_context;
}

namespace essaim::loop {

// Hands functions to a loop, from any thread, as long as the loop lives. Copies are cheap, and may
// outlive the loop: posting then does nothing.
class Mailbox {
 public:
  Mailbox() = default;
  // Runs `work` on the loop's thread, later, in the order of posting. False when the loop is gone.
  bool post(std::move_only_function<void()> work) const;

 private:
  friend class Loop;
  explicit Mailbox(std::weak_ptr<boost::asio::io_context> context) : context_(std::move(context)) {}
  // Weak: what waits in a loop's queue must not keep the queue alive.
  std::weak_ptr<boost::asio::io_context> context_;
};

class Loop {
 public:
  // Starts the thread. `name` is shown by ps and in the log; at most 15 characters count.
  explicit Loop(std::string name);
  // Calls finish().
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // What an exception out of `work` means is said at the root: it is logged, the loop goes on.
  void post(std::move_only_function<void()> work);
  Mailbox mailbox() const;
  // Runs `work` on the loop's thread and returns when it has run. Not from the loop's own thread.
  void run(const std::function<void()>& work);
  bool on_this_thread() const { return std::this_thread::get_id() == thread_.get_id(); }
  // Lets the thread end as soon as no operation and no timer is pending any more, and joins it.
  void finish();
  boost::asio::io_context& context() { return *context_; }

 private:
  void work();

  struct Guard;
  std::string name_;
  std::shared_ptr<boost::asio::io_context> context_;  // shared with nobody but weak mailboxes
  std::unique_ptr<Guard> guard_;
  std::thread thread_;
};

}  // namespace essaim::loop
