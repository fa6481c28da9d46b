// How much of the processors one lane takes while others work: a bucket of processor time that
// fills at the lane's share and is emptied by its turns. Nothing here knows of threads.
#pragma once

#include <chrono>

#include "space/lane/internal/turns.h"

namespace essaim::lane::internal {

using ProcessorTime = std::chrono::nanoseconds;

struct Share {
  double cores = 1;                     // that a lane may keep busy for long; more than zero
  ProcessorTime burst{};                // what it may take at once
  std::chrono::nanoseconds rest_max{};  // what it owes beyond is forgiven
};

class Pace {
 public:
  explicit Pace(const Share& share) : share_(share), left_(share.burst) {}

  // Turns took `took`, until `now`. Returns how long the lane rests until it owes nothing: zero
  // while some of its burst is left.
  std::chrono::nanoseconds spend(SteadyTime now, ProcessorTime took);
  // From when it first owed something until half of its burst is there again.
  bool loud(SteadyTime now);

 private:
  void fill(SteadyTime now);

  const Share& share_;
  ProcessorTime left_;  // below zero: owed
  SteadyTime filled_;
  bool loud_ = false;
};

}  // namespace essaim::lane::internal
