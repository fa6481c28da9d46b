// A space on disk: `main.db`, `blobs/`, `tmp/` in one directory; created from a ready-made image,
// opened, migrated lazily, closed.
#pragma once

#include <memory>
#include <string>
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

// An empty, fully migrated database as bytes; made once per process and kept (288 KiB).
// Epoch and instance id are not in it: every space gets its own at the first open.
Result<std::vector<std::byte>> template_image();

struct NewSpace {
  std::string display_name;
  ByteCount quota_bytes = 50 * kGiB;
};

// Builds the directory under a temporary name and renames it into place: either a whole space
// exists afterwards or none. `durable` no: only for a bulk creation that ends with one sync of the
// file system. Errors: exists, io, disk_full. Cost: durable 4 fsyncs.
Result<void> create(sqlite::Engine& engine, const Layout& layout, const SpaceId& id,
                    const NewSpace& space, disk::Disk::Durable durable);

// An open space. Opening applies the migrations that are missing, in one transaction.
class Space {
 public:
  // Errors: not_found, corrupt (the caller freezes the space), io, disk_full, unsupported (written
  // by a newer release).
  static Result<std::unique_ptr<Space>> open(sqlite::Engine& engine, const Layout& layout,
                                             const SpaceId& id);
  ~Space();
  sqlite::Database& database() { return *db_; }
  const SpaceFacts& facts() const { return facts_; }
  // True when `open` applied at least one migration.
  bool migrated() const { return migrated_; }
  // Copies WAL frames into main.db. Cost: about 10 ms. Called by the lane when idle or the WAL is
  // long.
  Result<void> checkpoint();
  ByteCount wal_bytes();
  // PRAGMA quick_check. Error: corrupt.
  Result<void> quick_check();

 private:
  Space() = default;
  std::unique_ptr<sqlite::Database> db_;
  SpaceFacts facts_;
  bool migrated_ = false;
};

}  // namespace essaim::store
