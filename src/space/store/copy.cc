// A copy of an open database, taken in slices by SQLite's backup interface
// (sqlite.org/backup.html).
#include <sqlite3.h>

#include "space/store/space.h"

namespace essaim::store {

// The copy under way: a connection to the new file, and the backup that fills it. A commit of the
// source's own connection goes into the pages that were copied already, so it never starts over
// but for a transaction that was rolled back.
struct Space::Copy {
  Copy() = default;
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() {
    if (backup != nullptr) sqlite3_backup_finish(backup);
    sqlite3_close_v2(target);
  }
  sqlite3* target = nullptr;
  sqlite3_backup* backup = nullptr;
};

Space::Space(disk::Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

Space::~Space() = default;

namespace {

Error failure_of(sqlite3* db, const char* what) {
  return sqlite::Failure(sqlite3_extended_errcode(db),
                         std::string(what) + ": " + sqlite3_errmsg(db), sqlite3_system_errno(db))
      .error();
}

}  // namespace

Result<void> Space::begin_copy(const std::string& path) {
  copy_.reset();
  if (disk_.exists(path)) return fail(Code::exists, path);
  auto copy = std::make_unique<Copy>();
  int code =
      sqlite3_open_v2(path.c_str(), &copy->target,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (copy->target == nullptr) return fail(Code::internal, "no memory for a copy");
  // A copy that is cut short is thrown away, so it needs no journal and no sync.
  if (code == SQLITE_OK) {
    code = sqlite3_exec(copy->target, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF", nullptr,
                        nullptr, nullptr);
  }
  if (code != SQLITE_OK) return tl::unexpected(failure_of(copy->target, "copy"));
  copy->backup = sqlite3_backup_init(copy->target, "main", db_->handle(), "main");
  if (copy->backup == nullptr) return tl::unexpected(failure_of(copy->target, "copy"));
  copy_ = std::move(copy);
  return {};
}

Result<bool> Space::continue_copy(int pages) {
  if (!copy_) return fail(Code::closed, "the space was closed while it was copied");
  int code = sqlite3_backup_step(copy_->backup, pages);
  if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) return false;
  auto copy = std::move(copy_);
  sqlite3_backup_finish(std::exchange(copy->backup, nullptr));
  if (code != SQLITE_DONE) return tl::unexpected(failure_of(copy->target, "copy"));
  // The header says WAL, as the source is; without it the file is one that stands alone, also where
  // it cannot be written.
  code = sqlite3_exec(copy->target, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected(failure_of(copy->target, "copy"));
  return true;
}

}  // namespace essaim::store
