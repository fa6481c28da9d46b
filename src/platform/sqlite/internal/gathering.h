// A VFS stacked on another one that gathers the writes of a write-ahead log. SQLite hands over each
// page of a commit in two small writes; gathered, a commit is one system call and one fsync. Every
// other file is the VFS's below, untouched.
//
// Nothing is promised earlier than before: a sync first writes what is gathered, and its error is
// the error of the commit.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <string>

namespace essaim::sqlite::internal {

// Bytes that wait at most; more are written at once. SQLite's unix VFS takes the size of a write
// modulo 128 KiB: it must stay below. A thread keeps one such buffer for the logs it works on in
// turn, so that an open log costs no memory.
inline constexpr std::size_t kGatherMax = 124 * 1024;

class GatheringVfs {
 public:
  // `below`: the name of a registered VFS that outlives this one; null: the default one.
  explicit GatheringVfs(const char* below);
  ~GatheringVfs();
  GatheringVfs(const GatheringVfs&) = delete;
  GatheringVfs& operator=(const GatheringVfs&) = delete;
  const char* name() const { return name_.c_str(); }

 private:
  sqlite3_vfs vfs_{};
  std::string name_;
};

}  // namespace essaim::sqlite::internal
