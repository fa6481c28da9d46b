#include "space/store/space.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "base/core/check.h"
#include "base/secrets/secrets.h"
#include "space/store/internal/migrate.h"

namespace essaim::store {
namespace {

constexpr ByteCount kPageBytes = 4096;
constexpr ByteCount kFrameBytes = kPageBytes + 24;  // SQLite file format §4.1
constexpr int kCacheRestingKib = 256;
constexpr int kCacheWritingKib = 2'000;
// Restores whose epochs are remembered; what is older counts as of the next one, and is listed
// again by clients.
constexpr std::size_t kErasMax = 1'000;

template <class Action>
Result<void> guarded(Action action) {
  try {
    action();
    return {};
  } catch (const sqlite::Failure& failure) {
    return tl::unexpected(failure.error());
  }
}

// Runs `action` between BEGIN IMMEDIATE and COMMIT, and undoes it when anything fails.
template <class Action>
Result<void> in_transaction(sqlite::Database& db, Action action) {
  auto result = guarded([&] {
    db.execute("BEGIN IMMEDIATE");
    action();
    db.execute("COMMIT");
  });
  if (!result && !db.autocommit()) (void)guarded([&] { db.execute("ROLLBACK"); });
  return result;
}

std::string meta(sqlite::Database& db, const char* key) {
  auto rows = db.query("SELECT value FROM meta WHERE key=?", key);
  return rows.next() ? std::string(rows.text(0)) : std::string();
}

void set_meta(sqlite::Database& db, const char* key, const std::string& value) {
  db.execute(
      "INSERT INTO meta(key, value) VALUES (?, ?)"
      " ON CONFLICT(key) DO UPDATE SET value=excluded.value",
      key, value);
}

// "8a75c8f2 51 2ff1da5f 1000051": epochs and the last number of each, oldest first.
std::string format_eras(const std::vector<Era>& eras) {
  std::string text;
  for (const Era& era : eras) {
    if (!text.empty()) text += ' ';
    text += era.epoch + ' ' + std::to_string(era.last);
  }
  return text;
}

std::vector<Era> parse_eras(const std::string& text) {
  std::vector<Era> eras;
  std::istringstream words(text);
  for (Era era; words >> era.epoch >> era.last;) eras.push_back(era);
  return eras;
}

std::string wal_path(const std::string& database) {
  return database + "-wal";
}

}  // namespace

Result<std::unique_ptr<Space>> Space::open(sqlite::Engine& engine, const Layout& layout,
                                           const SpaceId& id) {
  disk::Disk& disk = engine.disk();
  std::string path = layout.database(id);
  if (!disk.exists(path)) return fail(Code::not_found, path);
  std::unique_ptr<Space> space(new Space(disk, path));
  space->facts_.id = id;
  // Reads may go on without it; prepare_write tries again.
  space->wal_doubtful_ = !space->settle_wal();
  space->db_ = TRY(engine.open(path));
  int applied = TRY(internal::migrate(*space->db_, internal::migrations()));
  space->migrated_ = applied > 0;
  TRY_VOID(space->load_facts());
  return space;
}

// Makes what the WAL holds durable for certain, and its name too.
Result<void> Space::settle_wal() {
  std::string wal = wal_path(path_);
  if (!disk_.exists(wal)) {
    auto file = TRY(disk_.create(disk::parent(path_)));
    return file->publish(wal);
  }
  if (TRY(disk_.size(wal)) == 0) return {};
  wal_found_ = true;
  return disk_.rewrite(wal);
}

Result<void> Space::load_facts() {
  auto read = [&] {
    facts_.epoch = meta(*db_, "epoch");
    facts_.eras = parse_eras(meta(*db_, "eras"));
    facts_.instance_id = meta(*db_, "instance_id");
    facts_.fingerprint = meta(*db_, "fingerprint");
  };
  TRY_VOID(guarded(read));
  if (!facts_.epoch.empty() && !facts_.instance_id.empty()) return {};
  // A bare template, or an import that took them away: this is the first open.
  TRY_VOID(prepare_write());
  TRY_VOID(in_transaction(*db_, [&] {
    if (facts_.epoch.empty()) set_meta(*db_, "epoch", secrets::random_hex(8));
    if (facts_.instance_id.empty()) {
      set_meta(*db_, "instance_id", "oc" + secrets::random_base36(10));
    }
  }));
  return guarded(read);
}

Result<void> Space::prepare_write() {
  if (!wal_doubtful_) return {};
  TRY_VOID(settle_wal());
  wal_doubtful_ = false;
  return {};
}

Result<void> Space::checkpoint() {
  // What an earlier owner left cannot be counted in frames; emptying the file settles it.
  if (wal_found_) return checkpoint_and_truncate();
  return guarded([&] { db_->checkpoint(sqlite::Database::Wal::keep); });
}

Result<void> Space::checkpoint_and_truncate() {
  TRY_VOID(prepare_write());
  TRY_VOID(guarded([&] { db_->checkpoint(sqlite::Database::Wal::truncate); }));
  wal_found_ = false;
  return {};
}

ByteCount Space::wal_bytes() const {
  return db_->wal_frames() * kFrameBytes;
}

void Space::set_writing(bool writing) {
  if (writing == writing_) return;
  writing_ = writing;
  db_->set_cache(writing ? kCacheWritingKib : kCacheRestingKib);
  if (!writing) db_->shrink();
}

Result<void> Space::quick_check() {
  std::string found;
  TRY_VOID(guarded([&] {
    auto rows = db_->query("PRAGMA quick_check(1)");
    found = rows.next() ? std::string(rows.text(0)) : "no answer";
  }));
  if (found != "ok") return fail(Code::corrupt, "quick_check: " + found);
  return {};
}

Result<void> Space::copy_to(const std::string& path) {
  if (disk_.exists(path)) return fail(Code::exists, path);
  db_->set_attach(sqlite::Attach::allowed);
  auto copied = guarded([&] { db_->execute("VACUUM INTO ?", path); });
  db_->set_attach(sqlite::Attach::denied);
  if (copied) copied = disk_.rewrite(path);
  if (copied) copied = disk_.sync_folder(disk::parent(path));
  if (!copied) (void)disk_.remove(path);
  return copied;
}

namespace {

std::int64_t number(sqlite::Rows rows) {
  return rows.next() ? rows.int64(0) : 0;
}

Seq seq_of(sqlite::Database& db) {
  return number(db.query("SELECT value FROM meta WHERE key='seq'"));
}

// Every table that never gives an id twice; those that gave none yet have no row of their own.
void raise_ids(sqlite::Database& db, std::int64_t floor) {
  db.execute(
      "INSERT INTO sqlite_sequence(name, seq) SELECT name, 0 FROM sqlite_schema"
      " WHERE type='table' AND sql LIKE '%AUTOINCREMENT%'"
      " AND name NOT IN (SELECT name FROM sqlite_sequence)");
  if (floor > 0) {
    db.execute("UPDATE sqlite_sequence SET seq=max(seq, ?)", floor);
  } else {
    db.execute("UPDATE sqlite_sequence SET seq=seq + ?", kRenewalGap);
  }
}

}  // namespace

Result<Renewal> Space::counters() {
  Renewal now;
  TRY_VOID(guarded([&] {
    now.seq_floor = seq_of(*db_);
    now.id_floor = number(db_->query("SELECT max(seq) FROM sqlite_sequence"));
  }));
  return now;
}

Result<void> Space::renew(const Renewal& floors) {
  TRY_VOID(prepare_write());
  std::string epoch = secrets::random_hex(8);
  std::string instance = facts_.instance_id;
  std::vector<Era> eras;
  if (floors.new_instance) instance = "oc" + secrets::random_base36(10);
  TRY_VOID(in_transaction(*db_, [&] {
    Seq seq = seq_of(*db_);
    eras = facts_.eras;
    eras.push_back({facts_.epoch, seq});
    if (eras.size() > kErasMax) eras.erase(eras.begin());
    seq = floors.seq_floor > 0 ? std::max(seq, floors.seq_floor) : seq + kRenewalGap;
    db_->execute("UPDATE meta SET value=? WHERE key='seq'", seq);
    raise_ids(*db_, floors.id_floor);
    set_meta(*db_, "epoch", epoch);
    set_meta(*db_, "eras", format_eras(eras));
    set_meta(*db_, "fingerprint", epoch);
    set_meta(*db_, "instance_id", instance);
  }));
  facts_.epoch = epoch;
  facts_.eras = std::move(eras);
  facts_.fingerprint = epoch;
  facts_.instance_id = instance;
  return {};
}

}  // namespace essaim::store
