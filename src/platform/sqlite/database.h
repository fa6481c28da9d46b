// One SQLite connection, its statements and its transactions.
//
// SQL is a raw string literal beside the function that runs it; `Sql` accepts nothing else, so text
// from outside cannot become SQL. A statement is prepared once per connection and kept, found again
// by the address of its literal. Values are bound, never pasted.
//
// A failing statement throws `Failure`: a broken disk, a full one, a broken constraint. Only the
// lane and whoever opened the database catch it. Not thread-safe: one owner at a time.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "base/core/error.h"
#include "base/core/types.h"

namespace essaim::sqlite {

class Sql {
 public:
  template <std::size_t N>
  consteval Sql(const char (&text)[N])
      : text_(text), size_(N - 1) {}  // NOLINT: implicit on purpose
  const char* text() const { return text_; }
  int size() const { return static_cast<int>(size_); }

 private:
  const char* text_;
  std::size_t size_;
};

class Failure : public std::runtime_error {
 public:
  Failure(int extended_code, const std::string& message, int system_error = 0);
  int code() const { return extended_code_ & 0xff; }  // SQLITE_FULL, SQLITE_IOERR, ...
  int extended_code() const { return extended_code_; }
  // disk_full, io, timeout (interrupted), corrupt, conflict (constraint), busy (another process has
  // the database) or internal.
  Error error() const;

 private:
  int extended_code_;
  int system_error_;  // errno, when the code is one of the disk
};

// A test in plain code that a statement asks for its rows: `WHERE fits(?1, name)`, with the
// address of a Filter bound to ?1. Where few of many rows fit, it spares all the others the way out
// of the statement. What is stored in a file cannot call it. It must outlive the Rows, throw
// nothing and not touch the database.
class Filter {
 public:
  virtual ~Filter() = default;
  // The bytes are the column's and end with the call; a column that is NULL has none.
  virtual bool fits(std::string_view bytes) = 0;
};

// The rows of a running query. Resets its statement when destroyed, so keep it no longer than
// needed: `for (auto rows = db.query(...); rows.next();) use(rows.int64(0));`
class Rows {
 public:
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows();
  // Steps to the next row; false at the end.
  bool next();
  std::int64_t int64(int column) const;
  double real(int column) const;
  // Valid until the next call of next().
  std::string_view text(int column) const;
  std::span<const std::byte> blob(int column) const;
  bool null(int column) const;

 private:
  friend class Database;
  // `taken` belongs to the statement kept by the Database; null when the statement is only ours.
  Rows(sqlite3* db, sqlite3_stmt* statement, bool* taken)
      : db_(db), statement_(statement), taken_(taken) {}
  sqlite3* db_;
  sqlite3_stmt* statement_;
  bool* taken_;
};

// What statements may do for now. A statement that writes breaks a CHECK while it is `read`.
enum class Access : bool { read, write };
// Whether ATTACH works, and with it VACUUM, which attaches by itself. Off but for maintenance.
enum class Attach : bool { denied, allowed };

class Database {
 public:
  // Takes the handle over. Use an Engine to open one.
  explicit Database(sqlite3* handle);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  template <class... Values>
  Rows query(Sql sql, const Values&... values) {
    Rows rows = prepared(sql);
    int index = 0;
    (bind(rows.statement_, ++index, values), ...);
    check_bound(rows.statement_, index);
    return rows;
  }
  // Runs a statement to its end. Returns the number of rows it changed.
  template <class... Values>
  std::int64_t execute(Sql sql, const Values&... values) {
    auto rows = query(sql, values...);
    while (rows.next()) {
    }
    return sqlite3_changes64(db_);
  }
  // Several statements without values: schema, PRAGMAs.
  void script(Sql sql) { script_text(sql.text()); }
  std::int64_t last_insert_rowid() const { return sqlite3_last_insert_rowid(db_); }
  // False inside a transaction. SQLite ends a transaction by itself on a full disk or an I/O error:
  // after every Failure ask this.
  bool autocommit() const { return sqlite3_get_autocommit(db_) != 0; }

  void set_access(Access access) { access_ = access; }
  void set_attach(Attach attach);
  // Statements that are still running at this time throw a Failure whose error is `timeout`. None:
  // no limit. Never set one around a write: an interrupted write takes its whole transaction with
  // it.
  void set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline);
  // Kilobytes of pages kept in memory.
  void set_cache(int kib);
  // Gives back the memory of pages that can be read again.
  void shrink();

  // Frames in the WAL as of the last commit or checkpoint of this connection.
  int wal_frames() const { return wal_frames_; }
  // True when this connection has written to the WAL since it last emptied the file.
  bool wal_touched() const { return wal_touched_; }
  // Copies what the WAL holds into the database file. `truncate`: and empties the WAL file, so that
  // the next open has nothing to recover. Throws Failure.
  enum class Wal : bool { keep, truncate };
  void checkpoint(Wal wal);
  sqlite3* handle() { return db_; }

 private:
  struct Statement {
    sqlite3_stmt* handle = nullptr;
    bool taken = false;
  };
  Rows prepared(Sql sql);
  sqlite3_stmt* prepare(Sql sql, unsigned flags);
  void script_text(const char* text);
  void check_bound(sqlite3_stmt* statement, int count);
  static int on_progress(void* self);
  static int on_commit(void* self, sqlite3* db, const char* schema, int frames);

  void bind(sqlite3_stmt* statement, int index, std::int64_t value);
  void bind(sqlite3_stmt* statement, int index, double value);
  void bind(sqlite3_stmt* statement, int index, std::string_view value);
  void bind(sqlite3_stmt* statement, int index, std::span<const std::byte> value);
  void bind(sqlite3_stmt* statement, int index, std::nullptr_t);
  void bind(sqlite3_stmt* statement, int index, Filter* filter);
  void bind(sqlite3_stmt* statement, int index, const std::string& value) {
    bind(statement, index, std::string_view(value));
  }
  void bind(sqlite3_stmt* statement, int index, const char* value) {
    bind(statement, index, std::string_view(value));
  }
  template <class Integer>
  requires std::is_integral_v<Integer>
  void bind(sqlite3_stmt* statement, int index, Integer value) {
    bind(statement, index, static_cast<std::int64_t>(value));
  }
  template <class Tag>
  void bind(sqlite3_stmt* statement, int index, Id<Tag> id) {
    bind(statement, index, id.value);
  }
  template <class T>
  void bind(sqlite3_stmt* statement, int index, const std::optional<T>& value) {
    if (value) {
      bind(statement, index, *value);
    } else {
      bind(statement, index, nullptr);
    }
  }

  sqlite3* db_;
  Access access_ = Access::write;
  int wal_frames_ = 0;
  bool wal_touched_ = false;
  std::chrono::steady_clock::time_point deadline_;
  std::unordered_map<const char*, Statement> statements_;
};

}  // namespace essaim::sqlite
