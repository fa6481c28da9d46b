// Previews that are being made, and who waits for each.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/previewer/previewer.h"

namespace essaim::previewer::internal {

using Time = std::chrono::steady_clock;

struct Waiter {
  Done<Made> done;
  Time::time_point until;
};

// One preview on its way.
struct Flight {
  std::string key;
  Wanted wanted;
  std::vector<Waiter> waiters;
};

// Thread-safe. A flight is found by its key until it has landed.
class Flights {
 public:
  explicit Flights(const Limits& limits) : limits_(limits) {}

  // Joins the flight that makes this preview, or queues a new one. Calls `done` itself when it
  // cannot: busy, or not_found when it has just been tried in vain.
  void join(Wanted wanted, Done<Made> done);
  // The next flight that somebody still waits for; null once stopped. Waits.
  std::shared_ptr<Flight> next();
  // Nobody joins it any more; answers all who wait for it.
  void land(Flight& flight, const Made& made);
  // Told to those who come late: their look into the database was before the failure was in it.
  void fail_for_a_while(const Flight& flight);
  // Answers those whose time is up.
  void expire(Time::time_point now);
  // Answers everyone with busy, lets next() return null.
  void stop();
  // Waits until there may be something to expire; false once stopped.
  bool watch();

 private:
  void answer(std::vector<Waiter> waiters, const Made& made);

  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable queued_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::map<std::string, std::shared_ptr<Flight>> flying_;  // shared with the thread that makes it
  std::deque<std::shared_ptr<Flight>> queue_;
  std::map<std::string, Time::time_point> failed_;  // key without shape, until when
};

// "<space>/<hash>/image-fill-256x256"
std::string key_of(const Wanted& wanted);

}  // namespace essaim::previewer::internal
