// Passwords that were verified a short while ago.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/core/types.h"
#include "base/time/clock.h"

namespace essaim::gate {

// Holds a keyed hash of the credentials, never the password; an entry is worth something only while
// the stored hash is still the same. Bounded: when full, the oldest entry goes. Thread-safe.
class Believed {
 public:
  Believed(const Clock& clock, Duration life, std::size_t entries_max);
  // `key`: the keyed hash of space, user and password.
  void add(const std::string& key, std::string password_hash);
  bool holds(const std::string& key, std::string_view password_hash) const;

 private:
  struct Entry {
    std::string password_hash;
    Instant until;
  };
  const Clock& clock_;
  Duration life_;
  std::size_t entries_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> order_;  // keys by when they were first added
};

}  // namespace essaim::gate
