// Whose turn it is. A lane runs the requests of one space one after another on a shared worker
// pool, over the space's only connection; waiting writes share one commit, each in a savepoint of
// its own.
//
// Promises:
//  - `done` of a write is called only after the commit is on disk (or after the write was undone).
//  - a read never sees an uncommitted row: it runs between groups.
//  - one member's failure never touches the others of its group: on a full disk, an I/O error or an
//  interrupt SQLite
//    rolls the whole group back, and the others are run again, each in a group of its own.
//  - fairness is between spaces: round robin; each space has a bounded queue; and one that takes
//  more of the processors than its share runs behind the others, and rests while they work.
//  - writes may be run more than once and must touch nothing but the transaction before `done`.
//
// Opens spaces when they are first needed, keeps at most `open_max`, closes those idle for
// `idle_close`. An exception in a turn rolls that turn back and answers `internal`; the space lives
// on. A space whose database is corrupt is frozen: `on_corrupt` is told, every turn answers
// `closed`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "platform/sqlite/engine.h"
#include "space/store/space.h"
#include "space/store/tx.h"

namespace essaim::lane {

struct Limits {
  // Threads; more than cores, because a commit waits for the disk. Half as many come on top, which
  // run behind them.
  int workers = 32;
  int queue_max = 256;              // waiting turns of one space; beyond: busy
  int queue_all_max = 20'000;       // waiting turns of all spaces; beyond: busy
  int group_max = 64;               // writes that share one commit
  int reads_max = 16;               // reads of one space in a row, before another space's turn
  int open_max = 2'000;             // open spaces; more than workers
  Duration idle_close{120'000};     // an open space without a turn for this long is closed
  Duration read_deadline{10'000};   // a read waits and runs no longer; then answers timeout
  Duration write_deadline{30'000};  // a write that has not begun after this answers timeout
  ByteCount wal_max = 4 * kMiB;     // checkpoint beyond, or when idle for checkpoint_idle
  Duration checkpoint_idle{1'000};
  Duration tick{250};  // how often idle spaces and deadlines are looked at
  // What the turns of one space may take of the processors for long: this share of all of them, and
  // no more than this much of one. A space beyond it is loud: its turns run on the threads that
  // give way to all others of the machine, and while another space works it rests between its turns
  // until it is back in its share. Its waiting writes meanwhile gather into larger groups. The log
  // says so, once a minute (`space_loud`).
  double share_of_all = 1.0 / 6;
  double share_of_one = 1.0 / 2;
  Duration burst{100};      // processor time that a space may take at once, before it is loud
  Duration rest_max{100};   // of one rest; what is owed beyond is forgiven
  Duration working{1'000};  // a space works when it had a turn within this time
};

// What a write turn wants done with its rows.
enum class Verdict : bool { undo, keep };

using Read = std::move_only_function<void(store::ReadTx&)>;
using Write = std::move_only_function<Verdict(store::WriteTx&)>;
// The turn's fate: success (also when the verdict was undo), or why it did not happen: busy,
// timeout, closed, disk_full, io, internal.
using TurnDone = Done<Result<void>>;

// A turn with the whole Space in hand, alone in the lane: backups, checks, export.
using Maintenance = std::move_only_function<Result<void>(store::Space&)>;

// What comes to its end in a space by itself, at an instant that its rows know. The first turn
// after that instant finds it done: it is seen to just before, in a transaction of its own. Nothing
// is opened or woken for it, since nobody looks at a space without a turn. Should it fail, the
// turns go on, and it is tried again after kAppointmentRetry.
struct Appointment {
  // When the next one is; none: nothing will end. Asked when a space was opened, after a group of
  // writes, and after each `keep`. One indexed read.
  std::function<std::optional<Instant>(store::ReadTx&)> next = {};
  // Sees to some of what is due, as little as should keep a turn waiting. May be run more than
  // once.
  std::function<void(store::WriteTx&)> keep = {};
};
inline constexpr Duration kAppointmentRetry{60'000};

struct Counters {
  std::int64_t open_spaces = 0;
  std::int64_t turns_waiting = 0;
  std::int64_t reads = 0;
  std::int64_t writes = 0;
  std::int64_t commits = 0;
  std::int64_t reruns = 0;  // writes run again because their group was lost
  std::int64_t opens = 0;
  std::int64_t checkpoints = 0;
  std::int64_t rests = 0;         // of loud spaces
  std::int64_t lost_handles = 0;  // closed and opened again after an I/O error
};

class Lanes {
 public:
  // `on_corrupt` is called from a worker with the reason.
  Lanes(sqlite::Engine& engine, const store::Layout& layout, const Clock& clock, Limits limits,
        std::function<void(const SpaceId&, const std::string&)> on_corrupt,
        Appointment appointment = {});
  // Finishes the turns that are queued, closes every space.
  ~Lanes();

  // Both return at once; `done` is called from a worker (or from the caller, when refused as busy).
  // `deadline`: instead of the one in Limits. `done` must not throw, nor wait for another turn, nor
  // take long: the next turns of the space may wait for it.
  void read(const SpaceId& space, Read run, TurnDone done,
            std::optional<Duration> deadline = std::nullopt);
  void write(const SpaceId& space, Write run, TurnDone done,
             std::optional<Duration> deadline = std::nullopt);
  // Everything queued before it is answered first, nothing queued after it has begun. It may write,
  // in transactions of its own; it has no deadline. An error with the code corrupt freezes the
  // space.
  void maintain(const SpaceId& space, Maintenance run, TurnDone done);

  // Waits for the queued turns of a space, closes it, and calls done; later turns open it again.
  // For export, delete, restore: hold the space closed meanwhile with `hold`.
  void close(const SpaceId& space, TurnDone done);
  // While held, turns of the space answer `closed` (delete, restore). Turns that were queued before
  // are finished, then the space is closed, then `done` is called.
  void hold(const SpaceId& space, TurnDone done);
  // Ends a hold; a frozen space thaws.
  void release(const SpaceId& space);

  Counters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::lane
