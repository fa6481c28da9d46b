// The system calls behind Disk, one by one, so that a test can make the n-th of them fail or write
// them down. Each behaves like the call of its name: -1 and errno when it fails.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "platform/disk/disk.h"

namespace essaim::disk {

class System {
 public:
  virtual ~System() = default;
  virtual int open(const std::string& path, int flags, mode_t mode);
  virtual ssize_t write(int fd, std::span<const std::byte> bytes);
  virtual int fdatasync(int fd);
  // open(O_DIRECTORY), fsync, close.
  virtual int sync_folder(const std::string& path);
  virtual int sync_file_system(const std::string& path);
  // Gives a nameless file a name.
  virtual int link(int fd, const std::string& path);
  virtual int link(const std::string& from, const std::string& to);
  virtual int rename(const std::string& from, const std::string& to);
  virtual int unlink(const std::string& path);
  virtual int mkdir(const std::string& path, mode_t mode);
  virtual int rmdir(const std::string& path);
};

// The Disk that local_disk() gives, over other system calls.
std::unique_ptr<Disk> disk_over(std::unique_ptr<System> system);

}  // namespace essaim::disk
