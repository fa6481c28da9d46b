#include "platform/sqlite/internal/opening.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <mutex>

#include "base/core/check.h"
#include "platform/sqlite/engine.h"

namespace essaim::sqlite::internal {
namespace {

constexpr int kCacheKib = 256;

// The order matters: EXCLUSIVE before WAL keeps the WAL index in the heap (no -shm file), which is
// also the only way that works on Ceph. wal_autocheckpoint is 0 because the WAL hook of Database
// replaces it.
constexpr Sql kPragmas = R"sql(
PRAGMA locking_mode=EXCLUSIVE;
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA temp_store=MEMORY;
PRAGMA foreign_keys=ON;
PRAGMA cell_size_check=ON;
PRAGMA trusted_schema=OFF;
PRAGMA journal_size_limit=4194304;
)sql";

void switch_off(sqlite3* db, int option) {
  sqlite3_db_config(db, option, 0, nullptr);
}

// The first access to the file: here a damaged header, or another process holding it, shows.
void settle(Database& database) {
  sqlite3* db = database.handle();
  sqlite3_extended_result_codes(db, 1);
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  switch_off(db, SQLITE_DBCONFIG_DQS_DML);
  switch_off(db, SQLITE_DBCONFIG_DQS_DDL);
  switch_off(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION);
  database.script(kPragmas);
  database.set_cache(kCacheKib);
  database.set_attach(Attach::denied);
  auto mode = database.query("PRAGMA journal_mode");
  CHECK(mode.next() && mode.text(0) == "wal");
}

}  // namespace

void configure_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
  });
}

Result<std::unique_ptr<Database>> open(const std::string& path, const char* vfs) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    return fail(errno == ENOENT || errno == ENOTDIR ? Code::not_found : Code::io,
                "open " + path + ": " + std::strerror(errno));
  }
  // SQLite would take an empty file for a new database.
  if (found.st_size == 0) return fail(Code::corrupt, path + " is empty");
  sqlite3* handle = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs);
  if (!handle) return fail(Code::internal, "no memory to open " + path);
  auto database = std::make_unique<Database>(handle);
  try {
    if (code != SQLITE_OK) {
      throw Failure(sqlite3_extended_errcode(handle), sqlite3_errmsg(handle),
                    sqlite3_system_errno(handle));
    }
    settle(*database);
  } catch (const Failure& failure) {
    Error error = failure.error();
    return fail(error.code, "open " + path + ": " + error.detail);
  }
  return database;
}

Result<void> create(disk::Disk& disk, const std::string& path, std::span<const std::byte> image,
                    disk::Durable durable) {
  if (disk.exists(path)) return fail(Code::exists, path);
  auto file = TRY(disk.create(disk::parent(path)));
  TRY_VOID(file->append(image));
  return file->publish(path, durable);
}

}  // namespace essaim::sqlite::internal
