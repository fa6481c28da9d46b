#include "platform/sqlite/faults.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "base/core/check.h"
#include "platform/sqlite/internal/gathering.h"
#include "platform/sqlite/internal/opening.h"

namespace essaim::sqlite {
namespace {

using disk::Event;
using disk::FaultPlan;
using disk::Op;
using Kind = disk::Event::Kind;

// What the VFS hands to its C callbacks.
struct Shim {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  FaultPlan* plan = nullptr;
  std::string name;
  std::atomic<int> last_error = 0;  // errno of the last operation, when it was made to fail
};

// Followed in memory by the real file.
struct File {
  sqlite3_file base;
  Shim* shim;
  std::uint64_t number;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& file_of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}
Shim& shim_of(sqlite3_vfs* vfs) {
  return *static_cast<Shim*>(vfs->pAppData);
}

// The code SQLite's unix VFS gives for the same misfortune; SQLITE_OK when nothing is planned.
int fault(Shim& shim, Op op, int code) {
  int error = shim.plan->next(op);
  shim.last_error = error;
  if (error == 0) return SQLITE_OK;
  return op == Op::write && error == ENOSPC ? SQLITE_FULL : code;
}

int file_close(sqlite3_file* file) {
  return file_of(file).real()->pMethods->xClose(file_of(file).real());
}

int file_read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  File& f = file_of(file);
  auto lock = f.shim->plan->enter();
  if (int code = fault(*f.shim, Op::read, SQLITE_IOERR_READ)) return code;
  return f.real()->pMethods->xRead(f.real(), to, size, offset);
}

int file_write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  File& f = file_of(file);
  auto lock = f.shim->plan->enter();
  int code = fault(*f.shim, Op::write, SQLITE_IOERR_WRITE);
  // A write that fails has often done a part of its work.
  int done = code == SQLITE_OK ? size : size / 2;
  int result = done > 0 ? f.real()->pMethods->xWrite(f.real(), from, done, offset) : SQLITE_OK;
  if (result != SQLITE_OK) return result;
  auto* bytes = static_cast<const std::byte*>(from);
  f.shim->plan->happened({Kind::write, f.number, {}, {}, offset, {bytes, bytes + done}});
  return code;
}

int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  File& f = file_of(file);
  auto lock = f.shim->plan->enter();
  if (int code = fault(*f.shim, Op::truncate, SQLITE_IOERR_TRUNCATE)) return code;
  int result = f.real()->pMethods->xTruncate(f.real(), size);
  if (result == SQLITE_OK) f.shim->plan->happened({Kind::truncate, f.number, {}, {}, size, {}});
  return result;
}

// The unix VFS also syncs the folder of a new WAL file here, and ignores whether that works: so the
// trace does not count on it.
int file_sync(sqlite3_file* file, int flags) {
  File& f = file_of(file);
  auto lock = f.shim->plan->enter();
  if (int code = fault(*f.shim, Op::sync, SQLITE_IOERR_FSYNC)) {
    f.shim->plan->happened({Kind::sync_failed, f.number, {}, {}, 0, {}});
    return code;
  }
  int result = f.real()->pMethods->xSync(f.real(), flags);
  if (result == SQLITE_OK) f.shim->plan->happened({Kind::sync, f.number, {}, {}, 0, {}});
  return result;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return file_of(file).real()->pMethods->xFileSize(file_of(file).real(), size);
}

int file_lock(sqlite3_file* file, int level) {
  return file_of(file).real()->pMethods->xLock(file_of(file).real(), level);
}

int file_unlock(sqlite3_file* file, int level) {
  return file_of(file).real()->pMethods->xUnlock(file_of(file).real(), level);
}

int file_reserved(sqlite3_file* file, int* reserved) {
  return file_of(file).real()->pMethods->xCheckReservedLock(file_of(file).real(), reserved);
}

int file_control(sqlite3_file* file, int what, void* with) {
  return file_of(file).real()->pMethods->xFileControl(file_of(file).real(), what, with);
}

int file_sector(sqlite3_file* file) {
  return file_of(file).real()->pMethods->xSectorSize(file_of(file).real());
}

int file_device(sqlite3_file* file) {
  return file_of(file).real()->pMethods->xDeviceCharacteristics(file_of(file).real());
}

// Version 1: neither shared memory nor memory maps, so nothing passes us by; and proof that the
// product needs neither.
constexpr sqlite3_io_methods kFileMethods = {
    1,         file_close,  file_read,     file_write,   file_truncate, file_sync,   file_size,
    file_lock, file_unlock, file_reserved, file_control, file_sector,   file_device, nullptr,
    nullptr,   nullptr,     nullptr,       nullptr,      nullptr,
};

int vfs_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  Shim& shim = shim_of(vfs);
  File& f = file_of(file);
  f.base.pMethods = nullptr;
  auto lock = shim.plan->enter();
  if (int code = fault(shim, Op::open, SQLITE_CANTOPEN)) return code;
  bool there = path && ::access(path, F_OK) == 0;
  int result = shim.real->xOpen(shim.real, path, f.real(), flags, out_flags);
  if (result != SQLITE_OK) return result;
  f.shim = &shim;
  f.base.pMethods = &kFileMethods;
  f.number = there ? shim.plan->file_at(path) : shim.plan->new_file();
  if (!there) shim.plan->happened({Kind::create, f.number, path ? path : "", {}, 0, {}});
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  Shim& shim = shim_of(vfs);
  auto lock = shim.plan->enter();
  if (int code = fault(shim, Op::remove, SQLITE_IOERR_DELETE)) return code;
  int result = shim.real->xDelete(shim.real, path, sync_folder);
  if (result == SQLITE_OK) shim.plan->happened({Kind::remove, 0, path, {}, 0, {}});
  return result;
}

int vfs_access(sqlite3_vfs* vfs, const char* path, int flags, int* found) {
  return shim_of(vfs).real->xAccess(shim_of(vfs).real, path, flags, found);
}

int vfs_full_path(sqlite3_vfs* vfs, const char* path, int size, char* full) {
  return shim_of(vfs).real->xFullPathname(shim_of(vfs).real, path, size, full);
}

int vfs_randomness(sqlite3_vfs* vfs, int size, char* bytes) {
  return shim_of(vfs).real->xRandomness(shim_of(vfs).real, size, bytes);
}

int vfs_sleep(sqlite3_vfs* vfs, int microseconds) {
  return shim_of(vfs).real->xSleep(shim_of(vfs).real, microseconds);
}

int vfs_time(sqlite3_vfs* vfs, double* now) {
  return shim_of(vfs).real->xCurrentTime(shim_of(vfs).real, now);
}

int vfs_last_error(sqlite3_vfs* vfs, int, char*) {
  int planned = shim_of(vfs).last_error;
  return planned != 0 ? planned : errno;
}

class FaultEngine final : public Engine {
 public:
  explicit FaultEngine(FaultPlan& plan) : disk_(disk::faulty_disk(plan)) {
    internal::configure_once();
    static std::atomic<int> engines = 0;
    shim_.name = "essaim-faults-" + std::to_string(++engines);
    shim_.real = sqlite3_vfs_find(nullptr);
    shim_.plan = &plan;
    sqlite3_vfs& vfs = shim_.vfs;
    vfs.iVersion = 1;
    vfs.szOsFile = static_cast<int>(sizeof(File)) + shim_.real->szOsFile;
    vfs.mxPathname = shim_.real->mxPathname;
    vfs.zName = shim_.name.c_str();
    vfs.pAppData = &shim_;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xFullPathname = vfs_full_path;
    vfs.xRandomness = vfs_randomness;
    vfs.xSleep = vfs_sleep;
    vfs.xCurrentTime = vfs_time;
    vfs.xGetLastError = vfs_last_error;
    CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
    gathering_.emplace(shim_.name.c_str());
  }
  ~FaultEngine() override {
    gathering_.reset();
    sqlite3_vfs_unregister(&shim_.vfs);
  }

  Result<std::unique_ptr<Database>> open(const std::string& path) override {
    return internal::open(path, gathering_->name());
  }
  Result<void> create(const std::string& path, std::span<const std::byte> image,
                      disk::Durable durable) override {
    return internal::create(*disk_, path, image, durable);
  }
  disk::Disk& disk() override { return *disk_; }

 private:
  std::unique_ptr<disk::Disk> disk_;
  Shim shim_;
  std::optional<internal::GatheringVfs> gathering_;  // on top: faults meet what reaches the disk
};

}  // namespace

std::unique_ptr<Engine> fault_engine(FaultPlan& plan) {
  return std::make_unique<FaultEngine>(plan);
}

}  // namespace essaim::sqlite
