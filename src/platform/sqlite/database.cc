#include "platform/sqlite/database.h"

#include <cerrno>
#include <utility>

#include "base/core/check.h"

namespace essaim::sqlite {
namespace {

// Steps of SQLite's virtual machine between two looks at the clock: about 20 µs.
constexpr int kProgressSteps = 2'000;
// What is kept at most for a page that is being looked for again: statements come from the source
// text, so their number is bounded by it; more than this is a bug.
constexpr std::size_t kStatementsMax = 2'000;

// What tells SQLite that a pointer is a Filter and nothing else.
constexpr const char* kFilterTag = "filter";

void run_filter(sqlite3_context* context, int, sqlite3_value** values) {
  auto* filter = static_cast<Filter*>(sqlite3_value_pointer(values[0], kFilterTag));
  if (!filter) return sqlite3_result_error(context, "fits() without a filter", -1);
  // As a blob: as a text it would be copied for a zero at its end.
  const void* bytes = sqlite3_value_blob(values[1]);
  auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[1]));
  bool fits = filter->fits({static_cast<const char*>(bytes), bytes ? size : 0});
  sqlite3_result_int(context, fits ? 1 : 0);
}

[[noreturn]] void throw_failure(sqlite3* db, const char* what) {
  std::string message = sqlite3_errmsg(db);
  if (what) message += std::string(" in: ") + what;
  throw Failure(sqlite3_extended_errcode(db), message, sqlite3_system_errno(db));
}

}  // namespace

Failure::Failure(int extended_code, const std::string& message, int system_error)
    : std::runtime_error(message), extended_code_(extended_code), system_error_(system_error) {}

Error Failure::error() const {
  Code result = Code::internal;
  switch (code()) {
    case SQLITE_FULL:
      result = Code::disk_full;
      break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: {
      bool full = system_error_ == ENOSPC || system_error_ == EDQUOT;
      result = full ? Code::disk_full : Code::io;
      break;
    }
    case SQLITE_INTERRUPT:
      result = Code::timeout;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      result = Code::corrupt;
      break;
    case SQLITE_CONSTRAINT:
      result = Code::conflict;
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      result = Code::busy;
      break;
    default:
      break;
  }
  return {result, "sqlite " + std::to_string(extended_code_) + ": " + what()};
}

Rows::Rows(Rows&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      taken_(std::exchange(other.taken_, nullptr)) {}

Rows::~Rows() {
  if (!statement_) return;
  if (!taken_) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  *taken_ = false;
}

bool Rows::next() {
  int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  // The error belongs to the statement until it is reset, so take it down first; then let go of the
  // transaction at once, whatever the owner of the rows does next.
  Failure failure(sqlite3_extended_errcode(db_),
                  std::string(sqlite3_errmsg(db_)) + " in: " + sqlite3_sql(statement_),
                  sqlite3_system_errno(db_));
  sqlite3_reset(statement_);
  throw failure;
}

std::int64_t Rows::int64(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Rows::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view Rows::text(int column) const {
  auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (!text) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::span<const std::byte> Rows::blob(int column) const {
  auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  if (!bytes) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Rows::null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Database::Database(sqlite3* handle) : db_(handle) {
  sqlite3_wal_hook(db_, on_commit, this);
  sqlite3_create_function_v2(db_, "fits", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY, nullptr, run_filter,
                             nullptr, nullptr, nullptr);
}

Database::~Database() {
  for (auto& [text, statement] : statements_) sqlite3_finalize(statement.handle);
  sqlite3_close_v2(db_);
}

sqlite3_stmt* Database::prepare(Sql sql, unsigned flags) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(db_, sql.text(), sql.size() + 1, flags, &statement, nullptr) !=
      SQLITE_OK) {
    throw_failure(db_, sql.text());
  }
  CHECK(statement != nullptr);
  return statement;
}

Rows Database::prepared(Sql sql) {
  auto [found, added] = statements_.try_emplace(sql.text());
  Statement& kept = found->second;
  if (!kept.handle) {
    CHECK(statements_.size() <= kStatementsMax);
    kept.handle = prepare(sql, SQLITE_PREPARE_PERSISTENT);
  }
  bool alone = kept.taken;
  sqlite3_stmt* handle = alone ? prepare(sql, 0) : kept.handle;
  if (!alone) kept.taken = true;
  Rows rows(db_, handle, alone ? nullptr : &kept.taken);
  CHECK(access_ == Access::write || sqlite3_stmt_readonly(handle));
  return rows;
}

void Database::script_text(const char* text) {
  char* message = nullptr;
  if (sqlite3_exec(db_, text, nullptr, nullptr, &message) == SQLITE_OK) return;
  sqlite3_free(message);
  throw_failure(db_, nullptr);
}

void Database::check_bound(sqlite3_stmt* statement, int count) {
  CHECK(sqlite3_bind_parameter_count(statement) == count);
}

void Database::bind(sqlite3_stmt* statement, int index, std::int64_t value) {
  if (sqlite3_bind_int64(statement, index, value) != SQLITE_OK) throw_failure(db_, "bind");
}

void Database::bind(sqlite3_stmt* statement, int index, double value) {
  if (sqlite3_bind_double(statement, index, value) != SQLITE_OK) throw_failure(db_, "bind");
}

void Database::bind(sqlite3_stmt* statement, int index, std::string_view value) {
  // A null pointer would bind NULL instead of the empty text.
  const char* text = value.data() ? value.data() : "";
  if (sqlite3_bind_text64(statement, index, text, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8) !=
      SQLITE_OK) {
    throw_failure(db_, "bind");
  }
}

void Database::bind(sqlite3_stmt* statement, int index, std::span<const std::byte> value) {
  int code = value.empty() ? sqlite3_bind_zeroblob(statement, index, 0)
                           : sqlite3_bind_blob64(statement, index, value.data(), value.size(),
                                                 SQLITE_TRANSIENT);
  if (code != SQLITE_OK) throw_failure(db_, "bind");
}

void Database::bind(sqlite3_stmt* statement, int index, std::nullptr_t) {
  if (sqlite3_bind_null(statement, index) != SQLITE_OK) throw_failure(db_, "bind");
}

void Database::bind(sqlite3_stmt* statement, int index, Filter* filter) {
  if (sqlite3_bind_pointer(statement, index, filter, kFilterTag, nullptr) != SQLITE_OK) {
    throw_failure(db_, "bind");
  }
}

void Database::set_attach(Attach attach) {
  auto refuse = [](void*, int action, const char*, const char*, const char*, const char*) {
    return action == SQLITE_ATTACH || action == SQLITE_DETACH ? SQLITE_DENY : SQLITE_OK;
  };
  bool allowed = attach == Attach::allowed;
  sqlite3_limit(db_, SQLITE_LIMIT_ATTACHED, allowed ? 1 : 0);
  sqlite3_set_authorizer(db_, allowed ? nullptr : +refuse, nullptr);
}

void Database::set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline) {
  if (deadline) {
    deadline_ = *deadline;
    sqlite3_progress_handler(db_, kProgressSteps, on_progress, this);
  } else {
    sqlite3_progress_handler(db_, 0, nullptr, nullptr);
  }
}

int Database::on_progress(void* self) {
  return std::chrono::steady_clock::now() >= static_cast<Database*>(self)->deadline_;
}

int Database::on_commit(void* self, sqlite3*, const char*, int frames) {
  auto* database = static_cast<Database*>(self);
  database->wal_frames_ = frames;
  database->wal_touched_ = true;
  return SQLITE_OK;
}

void Database::set_cache(int kib) {
  // Takes effect while it is compiled, so it cannot be a statement that is kept.
  script_text(("PRAGMA cache_size=-" + std::to_string(kib)).c_str());
}

void Database::shrink() {
  sqlite3_db_release_memory(db_);
}

void Database::checkpoint(Wal wal) {
  int frames = 0;
  int copied = 0;
  int mode = wal == Wal::truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  if (sqlite3_wal_checkpoint_v2(db_, "main", mode, &frames, &copied) != SQLITE_OK) {
    throw_failure(db_, "checkpoint");
  }
  // Everything copied: the next write starts the WAL again from its beginning.
  wal_frames_ = copied >= frames ? 0 : frames;
  if (wal == Wal::truncate && wal_frames_ == 0) wal_touched_ = false;
}

}  // namespace essaim::sqlite
