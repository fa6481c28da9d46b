#include "platform/disk/system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/core/fd.h"

namespace essaim::disk {
namespace {

// fsync of whatever `sync` does to an opened folder, with errno kept over the close.
template <class Sync>
int with_folder(const std::string& path, Sync sync) {
  UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return -1;
  int result = sync(folder.get());
  int error = errno;
  folder.reset();
  errno = error;
  return result;
}

}  // namespace

int System::open(const std::string& path, int flags, mode_t mode) {
  return ::open(path.c_str(), flags | O_CLOEXEC, mode);
}

ssize_t System::write(int fd, std::span<const std::byte> bytes) {
  return ::write(fd, bytes.data(), bytes.size());
}

int System::fdatasync(int fd) {
  return ::fdatasync(fd);
}

int System::sync_folder(const std::string& path) {
  return with_folder(path, [](int fd) { return ::fsync(fd); });
}

int System::sync_file_system(const std::string& path) {
  return with_folder(path, [](int fd) { return ::syncfs(fd); });
}

int System::link(int fd, const std::string& path) {
  // linkat(AT_EMPTY_PATH) would need CAP_DAC_READ_SEARCH; the way through /proc needs nothing.
  std::string nameless = "/proc/self/fd/" + std::to_string(fd);
  return ::linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW);
}

int System::link(const std::string& from, const std::string& to) {
  return ::link(from.c_str(), to.c_str());
}

int System::rename(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str());
}

int System::unlink(const std::string& path) {
  return ::unlink(path.c_str());
}

int System::mkdir(const std::string& path, mode_t mode) {
  return ::mkdir(path.c_str(), mode);
}

int System::rmdir(const std::string& path) {
  return ::rmdir(path.c_str());
}

}  // namespace essaim::disk
