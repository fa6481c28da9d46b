// Files that are safe to lose power on: the few operations the product does outside SQLite, behind
// an interface so that tests can make the n-th of them fail and replay a power cut.
//
// Paths are absolute. "Durable" means: there after a power cut, when the call has returned. Errors:
// io, disk_full (ENOSPC, EDQUOT), not_found, exists.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/fd.h"
#include "base/core/types.h"

namespace essaim::disk {

// A file being written that has no name yet (O_TMPFILE): a crash leaves no litter.
class NewFile {
 public:
  virtual ~NewFile() = default;
  virtual Result<void> append(std::span<const std::byte> bytes) = 0;
  virtual ByteCount size() const = 0;
  // Makes the content durable and gives it the name `path` in an existing folder: fdatasync,
  // linkat, fsync of the folder. A name that exists already is left as it is (content-addressed
  // files) and counts as success. Cost: 2 fsyncs.
  virtual Result<void> publish(const std::string& path) = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  // A nameless file on the file system of `folder`, which exists.
  virtual Result<std::unique_ptr<NewFile>> create(const std::string& folder) = 0;
  virtual Result<UniqueFd> open_read(const std::string& path) = 0;
  virtual Result<ByteCount> size(const std::string& path) = 0;
  // Writes a whole small file under a temporary name, makes it durable and renames it over `path`.
  virtual Result<void> replace(const std::string& path, std::span<const std::byte> bytes) = 0;
  // Makes a folder and its missing parents. Durable when `durable`.
  enum class Durable : bool { no, yes };
  virtual Result<void> make_folders(const std::string& path, Durable durable) = 0;
  // Renames and fsyncs both parent folders.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  virtual Result<void> remove_tree(const std::string& path) = 0;
  virtual Result<void> sync_folder(const std::string& path) = 0;
  // Names in a folder, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual bool exists(const std::string& path) = 0;
};

// The machine's own file system.
std::unique_ptr<Disk> local_disk();

}  // namespace essaim::disk
