#include "platform/sqlite/internal/gathering.h"

#include <atomic>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "base/core/check.h"

namespace essaim::sqlite::internal {
namespace {

using Bytes = std::vector<std::byte>;

// The buffer that the logs of one thread use in turn.
thread_local Bytes spare;

sqlite3_vfs* below(sqlite3_vfs* vfs) {
  return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

// What waits for the file below: one run of bytes. Held outside the sqlite3_file, whose memory
// SQLite takes and gives back without constructors.
struct Waiting {
  Bytes bytes;
  sqlite3_int64 begin = 0;

  sqlite3_int64 end() const { return begin + static_cast<sqlite3_int64>(bytes.size()); }
};

// Followed in memory by the file below.
struct Log {
  sqlite3_file base;
  Waiting* waiting;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

Log& log_of(sqlite3_file* file) {
  return *reinterpret_cast<Log*>(file);
}

// Writes what waits. What could not be written is forgotten: its commit gets the error.
int flush(Log& log) {
  Waiting& waiting = *log.waiting;
  if (waiting.bytes.empty()) return SQLITE_OK;
  int code = log.real()->pMethods->xWrite(log.real(), waiting.bytes.data(),
                                          static_cast<int>(waiting.bytes.size()), waiting.begin);
  waiting.bytes.clear();
  if (spare.capacity() == 0) spare = std::move(waiting.bytes);
  waiting.bytes = {};
  return code;
}

int log_close(sqlite3_file* file) {
  Log& log = log_of(file);
  // Only frames of no commit can wait here: every commit has been synced.
  flush(log);
  delete log.waiting;
  return log.real()->pMethods->xClose(log.real());
}

int log_read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  Log& log = log_of(file);
  bool waits = !log.waiting->bytes.empty() && offset < log.waiting->end() &&
               log.waiting->begin < offset + size;
  if (waits) {
    if (int code = flush(log)) return code;
  }
  return log.real()->pMethods->xRead(log.real(), to, size, offset);
}

int log_write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  Log& log = log_of(file);
  Waiting& waiting = *log.waiting;
  auto more = static_cast<std::size_t>(size);
  if (!waiting.bytes.empty() &&
      (offset != waiting.end() || waiting.bytes.size() + more > kGatherMax)) {
    if (int code = flush(log)) return code;
  }
  if (more > kGatherMax) return log.real()->pMethods->xWrite(log.real(), from, size, offset);
  try {
    if (waiting.bytes.empty()) {
      waiting.begin = offset;
      waiting.bytes = std::exchange(spare, {});
      waiting.bytes.reserve(kGatherMax);
    }
    const auto* bytes = static_cast<const std::byte*>(from);
    waiting.bytes.insert(waiting.bytes.end(), bytes, bytes + more);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  return SQLITE_OK;
}

int log_truncate(sqlite3_file* file, sqlite3_int64 size) {
  Log& log = log_of(file);
  if (int code = flush(log)) return code;
  return log.real()->pMethods->xTruncate(log.real(), size);
}

int log_sync(sqlite3_file* file, int flags) {
  Log& log = log_of(file);
  if (int code = flush(log)) return code;
  return log.real()->pMethods->xSync(log.real(), flags);
}

int log_size(sqlite3_file* file, sqlite3_int64* size) {
  Log& log = log_of(file);
  if (int code = flush(log)) return code;
  return log.real()->pMethods->xFileSize(log.real(), size);
}

int log_lock(sqlite3_file* file, int level) {
  return log_of(file).real()->pMethods->xLock(log_of(file).real(), level);
}

int log_unlock(sqlite3_file* file, int level) {
  return log_of(file).real()->pMethods->xUnlock(log_of(file).real(), level);
}

int log_reserved(sqlite3_file* file, int* reserved) {
  return log_of(file).real()->pMethods->xCheckReservedLock(log_of(file).real(), reserved);
}

int log_control(sqlite3_file* file, int what, void* with) {
  Log& log = log_of(file);
  if (int code = flush(log)) return code;
  return log.real()->pMethods->xFileControl(log.real(), what, with);
}

int log_sector(sqlite3_file* file) {
  return log_of(file).real()->pMethods->xSectorSize(log_of(file).real());
}

int log_device(sqlite3_file* file) {
  return log_of(file).real()->pMethods->xDeviceCharacteristics(log_of(file).real());
}

// Version 1: a log has neither shared memory nor a memory map.
constexpr sqlite3_io_methods kLogMethods = {
    1,        log_close,  log_read,     log_write,   log_truncate, log_sync,   log_size,
    log_lock, log_unlock, log_reserved, log_control, log_sector,   log_device, nullptr,
    nullptr,  nullptr,    nullptr,      nullptr,     nullptr,
};

int vfs_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* real = below(vfs);
  if ((flags & SQLITE_OPEN_WAL) == 0) return real->xOpen(real, path, file, flags, out_flags);
  Log& log = log_of(file);
  log.base.pMethods = nullptr;
  int code = real->xOpen(real, path, log.real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  log.waiting = new (std::nothrow) Waiting;
  if (log.waiting == nullptr) {
    log.real()->pMethods->xClose(log.real());
    return SQLITE_NOMEM;
  }
  log.base.pMethods = &kLogMethods;
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  return below(vfs)->xDelete(below(vfs), path, sync_folder);
}

int vfs_access(sqlite3_vfs* vfs, const char* path, int flags, int* found) {
  return below(vfs)->xAccess(below(vfs), path, flags, found);
}

int vfs_full_path(sqlite3_vfs* vfs, const char* path, int size, char* full) {
  return below(vfs)->xFullPathname(below(vfs), path, size, full);
}

int vfs_randomness(sqlite3_vfs* vfs, int size, char* bytes) {
  return below(vfs)->xRandomness(below(vfs), size, bytes);
}

int vfs_sleep(sqlite3_vfs* vfs, int microseconds) {
  return below(vfs)->xSleep(below(vfs), microseconds);
}

int vfs_time(sqlite3_vfs* vfs, double* now) {
  return below(vfs)->xCurrentTime(below(vfs), now);
}

int vfs_last_error(sqlite3_vfs* vfs, int size, char* text) {
  return below(vfs)->xGetLastError(below(vfs), size, text);
}

}  // namespace

GatheringVfs::GatheringVfs(const char* below_name) {
  static std::atomic<int> count = 0;
  name_ = "essaim-gathering-" + std::to_string(++count);
  sqlite3_vfs* real = sqlite3_vfs_find(below_name);
  CHECK(real != nullptr);
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(Log)) + real->szOsFile;
  vfs_.mxPathname = real->mxPathname;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = real;
  vfs_.xOpen = vfs_open;
  vfs_.xDelete = vfs_delete;
  vfs_.xAccess = vfs_access;
  vfs_.xFullPathname = vfs_full_path;
  vfs_.xRandomness = vfs_randomness;
  vfs_.xSleep = vfs_sleep;
  vfs_.xCurrentTime = vfs_time;
  vfs_.xGetLastError = vfs_last_error;
  CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

GatheringVfs::~GatheringVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

}  // namespace essaim::sqlite::internal
