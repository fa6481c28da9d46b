// What waits in a lane, and how one slice of it is run. Nothing here knows of threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "space/lane/lanes.h"

namespace essaim::lane::internal {

using SteadyTime = std::chrono::steady_clock::time_point;

// Tickets are given in order of arrival; the lowest one goes first.
struct ReadTurn {
  std::uint64_t ticket = 0;
  SteadyTime deadline;
  Read run;
  TurnDone done;
  Result<void> fate;
};

struct WriteTurn {
  std::uint64_t ticket = 0;
  SteadyTime deadline;
  Write run;
  TurnDone done;
  Result<void> fate;
  bool decided = false;  // its fate is final, whatever happens to the rest of its group
};

// A turn alone in the lane: everything before it is finished first, nothing after it has begun.
struct BarrierTurn {
  std::uint64_t ticket = 0;
  Maintenance run;  // none: close the space
  TurnDone done;
  Result<void> fate;
};

// What must happen to the handle after a slice.
enum class After : std::uint8_t {
  keep,
  reopen,  // an fsync or another disk access failed: nothing this handle believes can be trusted
  freeze,  // the database is corrupt
};

struct Tally {
  int commits = 0;
  int reruns = 0;
};

// Gives the open space, opening it when need be. A pointer that is good until the next call of
// drop().
class Handle {
 public:
  virtual ~Handle() = default;
  virtual Result<store::Space*> get() = 0;
  // Closes the handle without another access to the disk; the next get() opens a new one.
  virtual void drop() = 0;
};

struct Ending {
  After after = After::keep;
  std::string reason;
};

// Runs one read, to its end or its deadline, and sets its fate.
Ending run_read(store::Space& space, const Clock& clock, ReadTurn& turn);

// Runs writes as one group with one commit, and sets the fate of each. When SQLite gives the group
// up, the others are run again, each in a group of its own. A handle whose disk access failed is
// dropped on the way.
Ending run_writes(Handle& handle, const Clock& clock, std::span<WriteTurn> turns, Tally& tally);

Ending run_maintenance(store::Space& space, BarrierTurn& turn);

}  // namespace essaim::lane::internal
