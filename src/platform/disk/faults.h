// A disk that breaks on request and writes down what happened to it. For tests only, and for both
// ways to the disk: the Disk here, and SQLite's VFS (platform/sqlite/faults.h) over the same
// FaultPlan.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/core/types.h"
#include "platform/disk/disk.h"

namespace essaim::disk {

// What can be made to fail. `sync` is the fsync of files and of folders.
enum class Op : std::uint8_t {
  open,
  read,
  write,
  truncate,
  sync,
  link,
  rename,
  remove,
  make_folder
};
inline constexpr int kOps = 9;
const char* name(Op op);

// One thing that happened to the disk. Files are numbered as they are made: a name may pass from
// one to another, and a nameless file has none.
struct Event {
  enum class Kind : std::uint8_t {
    create,       // file, path (empty: nameless)
    write,        // file, offset, bytes
    truncate,     // file, offset: the new size
    sync,         // file
    sync_failed,  // file: its unsynced writes may never reach the disk, whatever a later fsync says
    link,         // file, path: one more name
    rename,       // path, to
    remove,       // path
    make_folder,  // path
    remove_folder,  // path
    sync_folder,    // path
    sync_all,       // the whole file system
    note,           // file: what the test said
  };
  Kind kind = Kind::note;
  std::uint64_t file = 0;
  std::string path;
  std::string to;
  ByteCount offset = 0;
  std::vector<std::byte> bytes;
};
using Trace = std::vector<Event>;

// Which operation fails, and what has been seen. Thread-safe.
class FaultPlan {
 public:
  enum class Lasting : bool { once, from_then_on };
  // From now on, the nth operation of this kind fails (1: the next one) with this errno: EIO,
  // ENOSPC. Replaces an earlier plan for the same kind.
  void fail(Op op, int nth, int error, Lasting lasting);
  // The disk is whole again.
  void heal();
  // Operations of this kind so far, those that failed included.
  std::int64_t seen(Op op) const;
  // Operations that failed so far.
  std::int64_t failed() const;

  // Writes down everything from now on. Files that are there already are unknown to a trace: record
  // from an empty folder.
  void record();
  // A remark between two events: "this was acknowledged".
  void note(std::uint64_t what);
  Trace take_trace();

  // For those who break the disk. The lock is kept over an operation and the event it leaves, so
  // that the order of the trace is the order of what happened.
  std::unique_lock<std::mutex> enter() const { return std::unique_lock(mutex_); }
  // With the lock: counts the operation; the errno it must fail with, or 0.
  int next(Op op);
  // With the lock.
  void happened(Event event);
  std::uint64_t new_file() { return ++files_; }
  std::uint64_t file_at(const std::string& path) const;

 private:
  struct Fault {
    int countdown = 0;
    int error = 0;
    Lasting lasting = Lasting::once;
  };
  void follow_names(const Event& event);

  mutable std::mutex mutex_;
  std::array<std::optional<Fault>, kOps> faults_;
  std::array<std::int64_t, kOps> seen_{};
  std::int64_t failed_ = 0;
  bool recording_ = false;
  Trace trace_;
  std::uint64_t files_ = 0;
  std::map<std::string, std::uint64_t> names_;
};

// The machine's own file system, breaking as planned. The plan outlives it.
std::unique_ptr<Disk> faulty_disk(FaultPlan& plan);

}  // namespace essaim::disk
