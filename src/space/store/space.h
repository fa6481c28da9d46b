// A space on disk: `main.db`, `blobs/`, `tmp/` in one directory; created from a ready-made image,
// opened, migrated lazily, closed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "platform/sqlite/engine.h"
#include "space/store/tx.h"

namespace essaim::store {

// Where spaces live: <data>/spaces/ab/<space-id>/.
class Layout {
 public:
  explicit Layout(std::string data_folder) : data_(std::move(data_folder)) {}
  std::string data() const { return data_; }
  std::string folder(const SpaceId& id) const;
  std::string database(const SpaceId& id) const;  // folder/main.db
  std::string blobs(const SpaceId& id) const;     // folder/blobs
  std::string tmp(const SpaceId& id) const;       // folder/tmp
 private:
  std::string data_;
};

// The schema this binary writes: PRAGMA user_version after the last migration.
int schema_version();

// An empty, fully migrated database as bytes; made once per process and kept. Epoch, instance id,
// name and quota are not in it: every space has its own.
Result<std::vector<std::byte>> template_image();

inline constexpr int kAccountsMax = 1'000;  // in one space, whatever its plan

struct NewSpace {
  std::string display_name;
  ByteCount quota_bytes = 50 * kGiB;
  Instant created;  // 0: now
  int accounts_max = kAccountsMax;
};

// Builds the directory under a temporary name and renames it into place: either a whole space
// exists afterwards or none. `durable` no: only for a bulk creation that ends with one sync of the
// file system. What an interrupted creation left under the temporary name is removed first. Errors:
// exists, io, disk_full; then no space is there. Cost: durable 5 fsyncs.
Result<void> create(sqlite::Engine& engine, const Layout& layout, const SpaceId& id,
                    const NewSpace& space, disk::Disk::Durable durable);

// Makes durable that the directory of a space is there: for whoever finds one after a restart and
// does not know whether its creation, or its move here, came to an end. Errors: io. Cost: 3 fsyncs.
Result<void> confirm(sqlite::Engine& engine, const Layout& layout, const SpaceId& id);

// What a space is called, and its plan: what it may hold. 0 bytes: nothing may be added. Less than
// is there already takes nothing away.
std::string name(ReadTx& tx);
void set_name(WriteTx& tx, std::string_view name);
ByteCount quota(ReadTx& tx);
void set_quota(WriteTx& tx, ByteCount bytes);
// 1 to kAccountsMax; guests are not counted (members/members.h).
int accounts_max(ReadTx& tx);
void set_accounts_max(WriteTx& tx, int count);
Instant created(ReadTx& tx);
// Empty, or the epoch of the last restore: clients that see it change keep their newer files.
std::string fingerprint(ReadTx& tx);

// After a restore: no etag, sync token or file id that a client saw before may mean something else
// now.
struct Renewal {
  Seq seq_floor = 0;          // the change counter of the live space; 0: unknown
  std::int64_t id_floor = 0;  // the highest id it ever gave, of any kind; 0: unknown
  // For a copy that lives on beside the original: file ids of the one mean nothing in the other.
  bool new_instance = false;
};
// How far above the restored counters a new epoch starts when those of the live space are unknown.
inline constexpr std::int64_t kRenewalGap = 1'000'000;

// An open space. Opening applies the migrations that are missing, in one transaction.
class Space {
 public:
  // Errors: not_found, corrupt (the caller freezes the space; also when a migration fails), io,
  // disk_full, busy (another process has it), unsupported (written by a newer release).
  static Result<std::unique_ptr<Space>> open(sqlite::Engine& engine, const Layout& layout,
                                             const SpaceId& id);
  ~Space();
  sqlite::Database& database() { return *db_; }
  const SpaceFacts& facts() const { return facts_; }
  // True when `open` applied at least one migration.
  bool migrated() const { return migrated_; }

  // Call before a write. After an unclean end the WAL may hold frames that are read back and are
  // not on the disk (an fsync that failed once succeeds the next time, having written nothing), so
  // they are written again before anything is promised on top of them. Opening tries that, and lets
  // reads pass when it fails; this tries again. Errors: io, disk_full. Cost: nothing, nearly
  // always.
  Result<void> prepare_write();
  // Copies WAL frames into main.db. Cost: about 10 ms. Called by the lane when idle or the WAL is
  // long. Errors: io, disk_full.
  Result<void> checkpoint();
  // The same, and leaves an empty WAL: the last thing before closing.
  Result<void> checkpoint_and_truncate();
  // Bytes in the WAL that are not in main.db yet.
  ByteCount wal_bytes() const;
  // True when the WAL holds something that is not in main.db yet.
  bool needs_checkpoint() const { return wal_found_ || db_->wal_frames() > 0; }
  // True when the WAL file may hold anything at all, copied or not: then truncate before closing.
  bool wal_used() const { return wal_found_ || db_->wal_touched(); }
  // More memory for pages while the space writes, so that a transaction stays in memory until its
  // commit; less, and what is kept given back, when it rests.
  void set_writing(bool writing);
  // PRAGMA quick_check. Errors: corrupt, io.
  Result<void> quick_check();
  // Writes a compact copy of main.db to a path that is free; durable. Nothing else may open main.db
  // itself meanwhile: closing any other descriptor of it would drop SQLite's lock.
  // Errors: exists, io, disk_full.
  Result<void> copy_to(const std::string& path);
  // The same in slices, so that a large database does not keep its lane busy: what is written
  // between two slices goes into the copy as well, which is of the moment of the last one. Not
  // compact and not durable. Errors: exists, io, disk_full.
  Result<void> begin_copy(const std::string& path);
  // Copies about `pages` more; true: the copy is whole. Errors: closed (the space was closed
  // meanwhile: begin anew), io, disk_full.
  Result<bool> continue_copy(int pages);
  // How far its counters have come: the floors for a renewal of an older copy. Error: io.
  Result<Renewal> counters();
  // Starts a new epoch (for a restore) in one transaction: the old one ends with the numbers it
  // has given, new epoch, counters raised, fingerprint
  // set. Errors: io, disk_full.
  Result<void> renew(const Renewal& floors);

 private:
  Space(disk::Disk& disk, std::string path);
  Result<void> settle_wal();
  Result<void> load_facts();

  disk::Disk& disk_;
  std::string path_;
  std::unique_ptr<sqlite::Database> db_;
  SpaceFacts facts_;
  bool migrated_ = false;
  bool writing_ = false;
  bool wal_found_ = false;     // the WAL file was not empty at open
  bool wal_doubtful_ = false;  // see prepare_write
  struct Copy;
  std::unique_ptr<Copy> copy_;  // under way; ends before db_ does
};

}  // namespace essaim::store
