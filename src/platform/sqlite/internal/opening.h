// What every engine does alike: the settings of SQLite, of a process and of a connection.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/core/error.h"
#include "platform/disk/disk.h"
#include "platform/sqlite/database.h"

namespace essaim::sqlite::internal {

// Settings of the whole process, before the first connection: one owner per connection at a time,
// so no locks inside SQLite, and no global count of memory, which would be a lock as well.
void configure_once();

// Opens an existing database through the VFS of that name (null: the default one) with the PRAGMAs
// of the product.
Result<std::unique_ptr<Database>> open(const std::string& path, const char* vfs);

Result<void> create(disk::Disk& disk, const std::string& path, std::span<const std::byte> image,
                    disk::Durable durable);

}  // namespace essaim::sqlite::internal
