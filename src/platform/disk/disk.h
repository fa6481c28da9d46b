// Files that are safe to lose power on: the few operations the product does outside SQLite, behind
// an interface so that tests can make the n-th of them fail and replay a power cut.
//
// Paths are absolute. "Durable" means: there after a power cut, when the call has returned. Errors:
// io, disk_full (ENOSPC, EDQUOT), not_found, exists.
#pragma once

#include <cstddef>
#include <cstdint>
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

enum class Durable : bool { no, yes };

struct FileInfo {
  ByteCount size = 0;
  std::int64_t modified_s = 0;  // seconds since 1970
};

// A file being written that has no name yet (O_TMPFILE): a crash leaves no litter. Where the file
// system cannot do that, a hidden name in the same folder, removed unless published.
class NewFile {
 public:
  virtual ~NewFile() = default;
  virtual Result<void> append(std::span<const std::byte> bytes) = 0;
  virtual ByteCount size() const = 0;
  // Reads from its beginning what was appended so far, also when the file itself is given up.
  virtual Result<UniqueFd> open_read() = 0;
  // Makes the content durable and gives it the name `path` in an existing folder: fdatasync,
  // linkat, fsync of the folder. A name that exists already with the same size is left as it is
  // (content-addressed files) and counts as success; one of another size is damaged and replaced.
  // Call once. Cost: 2 fsyncs; none when not `durable`.
  virtual Result<void> publish(const std::string& path, Durable durable = Durable::yes) = 0;
};

class Disk {
 public:
  using Durable = disk::Durable;

  virtual ~Disk() = default;
  // A nameless file on the file system of `folder`, which exists.
  virtual Result<std::unique_ptr<NewFile>> create(const std::string& folder) = 0;
  virtual Result<UniqueFd> open_read(const std::string& path) = 0;
  virtual Result<ByteCount> size(const std::string& path) = 0;
  virtual Result<FileInfo> info(const std::string& path) = 0;
  // Writes a whole small file under a temporary name, makes it durable and renames it over `path`.
  // One caller per path at a time.
  virtual Result<void> replace(const std::string& path, std::span<const std::byte> bytes) = 0;
  // Writes the bytes of a file over themselves and makes them durable. After a failed fsync the
  // kernel takes pages for clean that never reached the disk; only writing them again repairs that.
  virtual Result<void> rewrite(const std::string& path) = 0;
  // Makes a folder and its missing parents. Durable when `durable`; a folder that was there already
  // is not made durable (see sync_folder of its parent).
  virtual Result<void> make_folders(const std::string& path, Durable durable) = 0;
  // Renames and fsyncs both parent folders; neither when not `durable`. Error: exists, when `to` is
  // a folder with something in it.
  virtual Result<void> rename(const std::string& from, const std::string& to,
                              Durable durable = Durable::yes) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  // A folder and everything below it; does not follow symbolic links. A missing one is no error.
  virtual Result<void> remove_tree(const std::string& path) = 0;
  virtual Result<void> sync_folder(const std::string& path) = 0;
  // Makes everything on the file system of `path` durable: the end of a bulk creation.
  virtual Result<void> sync_file_system(const std::string& path) = 0;
  // Names in a folder, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual bool exists(const std::string& path) = 0;
};

// The machine's own file system.
std::unique_ptr<Disk> local_disk();

// The folder a path lies in: "/a" for "/a/b".
std::string parent(const std::string& path);

}  // namespace essaim::disk
