// Who is calling: Basic credentials to a member, throttling of failed log-ins, human passwords
// hashed on a pool of their own.
#pragma once

#include <memory>
#include <string>

#include "base/secrets/secrets.h"
#include "base/time/clock.h"

namespace essaim::gate {

struct Limits {
  int hash_slots = 2;                // argon2 computations at once
  int hash_queue_max = 64;           // waiting ones; beyond: 429
  Duration password_cache{600'000};  // a verified password is believed for this long
  int password_cache_max = 10'000;
  int failures_free = 10;  // failed log-ins of an account from an address before throttling
  Duration failure_window{900'000};  // they are forgotten after this
  int failures_address_free = 100;   // of one address over all accounts of a space
  int throttle_entries_max = 100'000;
};

class Gate {
 public:
  Gate(const secrets::Key& key, const Clock& clock, Limits limits);
  ~Gate();

 private:
  friend class Visit;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::gate
