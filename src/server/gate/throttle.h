// Counts failed log-ins in memory, per space, account and address.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/core/types.h"
#include "base/time/clock.h"

namespace essaim::gate {

// Failures by key, forgotten after a window. Bounded: when full, the oldest key goes. Thread-safe.
class Throttle {
 public:
  Throttle(const Clock& clock, Duration window, std::size_t entries_max);
  void fail(const std::string& key);
  void forget(const std::string& key);
  // Takes one failure back.
  void forgive(const std::string& key);
  int failures(const std::string& key) const;

 private:
  struct Entry {
    int count = 0;
    Instant last;
  };
  const Clock& clock_;
  Duration window_;
  std::size_t entries_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> order_;  // keys by their first failure
};

// Counts what came by key in windows of fixed length. Bounded: when full, it forgets everything.
// Thread-safe.
class Rate {
 public:
  Rate(const Clock& clock, Duration window, std::size_t entries_max);
  // One more; returns how many came in the window under way, this one among them.
  int count(const std::string& key);

 private:
  struct Entry {
    int count = 0;
    Instant started;
  };
  const Clock& clock_;
  Duration window_;
  std::size_t entries_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

// The part of an address that one household shares: an IPv4 address whole, the first 64 bits of an
// IPv6 one.
std::string network_of(std::string_view address);

}  // namespace essaim::gate
