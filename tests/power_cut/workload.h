// A small cloud to pull the plug on: spaces whose files are put, replaced and deleted through the
// lanes as the product does it, and a check that finds again what was acknowledged.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/time/clock.h"
#include "platform/disk/faults.h"
#include "platform/sqlite/engine.h"
#include "space/blobs/blobs.h"
#include "space/lane/lanes.h"
#include "space/store/space.h"

namespace essaim::power_cut {

inline constexpr int kSpaces = 2;
inline constexpr int kNames = 12;  // files of one space

SpaceId space_id(int space);

// A note in the trace: one change was asked for, or answered with success.
struct Mark {
  enum class Kind : std::uint8_t { created = 1, asked = 2, done = 3 } kind;
  int space = 0;
  int name = 0;
  int change = 0;  // the how-manieth of this name, from 1
  std::uint64_t pack() const;
  static Mark unpack(std::uint64_t note);
};

// What each name went through: the version it had after each of its changes, 0 for none (deleted).
struct History {
  std::vector<int> versions[kSpaces][kNames];
};

class Workload {
 public:
  Workload(disk::FaultPlan& plan, sqlite::Engine& engine, const std::string& data);

  // Each returns when it is answered.
  bool create(int space);
  // A burst: these changes are queued together and share commits as they may.
  struct Change {
    int space = 0;
    int name = 0;
    std::size_t size = 0;  // 0: delete
  };
  // How many succeeded.
  int burst(const std::vector<Change>& changes);
  bool checkpoint(int space);
  bool close(int space);
  // Lets `age` pass and sweeps every blob that has no reference.
  bool sweep(int space, Duration age);
  // Whether a read of the space is answered.
  bool readable(int space);

  const History& history() const { return history_; }
  lane::Lanes& lanes() { return *lanes_; }
  // Why the last change that failed did.
  Code last_error() const { return last_error_; }

 private:
  struct Pending;
  void submit(const Change& change, Pending& pending);
  bool wait(const std::function<void(lane::TurnDone)>& begin);

  disk::FaultPlan& plan_;
  sqlite::Engine& engine_;
  const store::Layout layout_;
  TestClock clock_{Instant{1'700'000'000'000}};
  blobs::Store blobs_;
  std::unique_ptr<lane::Lanes> lanes_;
  History history_;
  std::atomic<Code> last_error_ = Code::internal;
};

struct Found;

// What was asked for and what was acknowledged, up to a moment of the trace.
struct Promises {
  bool created[kSpaces] = {};
  int asked[kSpaces][kNames] = {};
  int done[kSpaces][kNames] = {};

  void follow(const disk::Event& event);
  // Why what was found breaks a promise; empty: it does not. A change that was asked for and not
  // acknowledged may be there or not.
  std::string broken_by(const Found& found, int space, const History& history) const;
};

// What was found in a space.
struct Found {
  bool exists = false;
  std::string broken;         // why it cannot be right; empty: it is whole
  int versions[kNames] = {};  // 0: not there
};

// Opens the space and looks at everything: quick_check, rows and blobs, counts, usage, change
// number.
Found inspect(sqlite::Engine& engine, const std::string& data, int space);
// Writes to it, closes it in good order, and looks again.
std::string go_on(sqlite::Engine& engine, const std::string& data, int space);

}  // namespace essaim::power_cut
