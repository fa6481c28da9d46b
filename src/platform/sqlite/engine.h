// Which engine holds the files of a space: the only part that differs between one machine, a
// cluster, and a test that breaks things. An engine opens databases and gives the disk for
// everything else.
//
// Local: SQLite's own unix VFS and the machine's file system. Fault-injecting: a thin VFS stacked
// on it and a Disk, both driven by one FaultPlan (see faults.h). Both take the same test-suite.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/core/error.h"
#include "platform/disk/disk.h"
#include "platform/sqlite/database.h"

namespace essaim::sqlite {

class Engine {
 public:
  virtual ~Engine() = default;
  // Opens an existing database with the PRAGMAs of the product, in this order:
  // locking_mode=EXCLUSIVE, journal_mode=WAL, synchronous=FULL, temp_store=MEMORY, foreign_keys=ON,
  // cache_size, cell_size_check=ON, trusted_schema=OFF, wal_autocheckpoint=0, journal_size_limit.
  // No checkpoint on close. ATTACH is impossible. Errors: not_found, corrupt, io, disk_full, busy
  // (another process has it).
  virtual Result<std::unique_ptr<Database>> open(const std::string& path) = 0;
  // Writes a ready-made database image, as template_image() gives, under a name that is free.
  // Durable when `durable`. Errors: exists, io, disk_full.
  virtual Result<void> create(const std::string& path, std::span<const std::byte> image,
                              disk::Disk::Durable durable) = 0;
  virtual disk::Disk& disk() = 0;
};

// Everything on the machine's own file system.
std::unique_ptr<Engine> local_engine();

}  // namespace essaim::sqlite
