// The Disk over the machine's own file system.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "platform/disk/disk.h"
#include "platform/disk/system.h"

namespace essaim::disk {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;
// Folders below one another that remove_tree() goes down; our own trees have three.
constexpr int kTreeDepthMax = 64;
constexpr std::size_t kBlock = 64 * kKiB;  // bytes read at a time

tl::unexpected<Error> failed(const char* what, const std::string& path) {
  int error = errno;
  Code code = Code::io;
  if (error == ENOSPC || error == EDQUOT) code = Code::disk_full;
  if (error == ENOENT || error == ENOTDIR) code = Code::not_found;
  if (error == EEXIST || error == ENOTEMPTY) code = Code::exists;
  return fail(code, std::string(what) + " " + path + ": " + std::strerror(error));
}

Result<void> write_all(System& system, int fd, std::span<const std::byte> bytes,
                       const std::string& path) {
  while (!bytes.empty()) {
    ssize_t written = system.write(fd, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

class LocalFile final : public NewFile {
 public:
  // `hidden` is empty when the file has no name at all.
  LocalFile(System& system, UniqueFd fd, std::string folder, std::string hidden)
      : system_(system),
        fd_(std::move(fd)),
        folder_(std::move(folder)),
        hidden_(std::move(hidden)) {}

  ~LocalFile() override {
    if (!hidden_.empty()) system_.unlink(hidden_);
  }

  Result<void> append(std::span<const std::byte> bytes) override {
    TRY_VOID(write_all(system_, fd_.get(), bytes, folder_));
    size_ += static_cast<ByteCount>(bytes.size());
    return {};
  }

  ByteCount size() const override { return size_; }

  Result<UniqueFd> open_read() override {
    // Another description of the same file, with a place of its own in it.
    std::string self = "/proc/self/fd/" + std::to_string(fd_.get());
    UniqueFd fd(system_.open(self, O_RDONLY, 0));
    if (!fd) return failed("open", folder_);
    return fd;
  }

  Result<void> publish(const std::string& path, Durable durable) override {
    if (durable == Durable::yes && system_.fdatasync(fd_.get()) != 0) {
      return failed("fdatasync", path);
    }
    if (link(path) != 0) {
      if (errno != EEXIST) return failed("link", path);
      TRY_VOID(replace_damaged(path));
    }
    // Also when the name was there: whoever made it may not have come to this line yet.
    if (durable == Durable::yes && system_.sync_folder(parent(path)) != 0) {
      return failed("fsync", parent(path));
    }
    return {};
  }

 private:
  int link(const std::string& path) {
    return hidden_.empty() ? system_.link(fd_.get(), path) : system_.link(hidden_, path);
  }

  Result<void> replace_damaged(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0 && found.st_size == size_) return {};
    std::string aside = path + ".new";
    if (system_.unlink(aside) != 0 && errno != ENOENT) return failed("unlink", aside);
    if (link(aside) != 0) return failed("link", aside);
    if (system_.rename(aside, path) != 0) return failed("rename", path);
    return {};
  }

  System& system_;
  UniqueFd fd_;
  std::string folder_;
  std::string hidden_;
  ByteCount size_ = 0;
};

class LocalDisk final : public Disk {
 public:
  explicit LocalDisk(std::unique_ptr<System> system) : system_(std::move(system)) {}

  Result<std::unique_ptr<NewFile>> create(const std::string& folder) override {
    UniqueFd fd(system_->open(folder, O_TMPFILE | O_RDWR, kFileMode));
    std::string hidden;
    // EISDIR is what a file system without O_TMPFILE answered before it got an error of its own.
    if (!fd && (errno == EOPNOTSUPP || errno == EISDIR)) {
      hidden =
          folder + "/.new-" + std::to_string(::getpid()) + "-" + std::to_string(++hidden_names_);
      fd = UniqueFd(system_->open(hidden, O_CREAT | O_EXCL | O_RDWR, kFileMode));
    }
    if (!fd) return failed("create a file in", folder);
    return std::make_unique<LocalFile>(*system_, std::move(fd), folder, hidden);
  }

  Result<UniqueFd> open_read(const std::string& path) override {
    UniqueFd fd(system_->open(path, O_RDONLY, 0));
    if (!fd) return failed("open", path);
    return fd;
  }

  Result<ByteCount> size(const std::string& path) override { return TRY(info(path)).size; }

  Result<FileInfo> info(const std::string& path) override {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return failed("stat", path);
    return FileInfo{found.st_size, found.st_mtim.tv_sec};
  }

  Result<void> replace(const std::string& path, std::span<const std::byte> bytes) override {
    std::string aside = path + ".new";
    UniqueFd fd(system_->open(aside, O_CREAT | O_TRUNC | O_WRONLY, kFileMode));
    if (!fd) return failed("create", aside);
    TRY_VOID(write_all(*system_, fd.get(), bytes, aside));
    if (system_->fdatasync(fd.get()) != 0) return failed("fdatasync", aside);
    if (system_->rename(aside, path) != 0) return failed("rename", aside);
    return sync_folder(parent(path));
  }

  Result<void> rewrite(const std::string& path) override {
    UniqueFd from(system_->open(path, O_RDONLY, 0));
    if (!from) return failed("open", path);
    UniqueFd to(system_->open(path, O_WRONLY, 0));
    if (!to) return failed("open", path);
    std::vector<std::byte> block(kBlock);
    for (;;) {
      ssize_t got = ::read(from.get(), block.data(), block.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read", path);
      if (got == 0) break;
      TRY_VOID(
          write_all(*system_, to.get(), std::span(block).first(static_cast<size_t>(got)), path));
    }
    if (system_->fdatasync(to.get()) != 0) return failed("fdatasync", path);
    return {};
  }

  Result<void> make_folders(const std::string& path, Durable durable) override {
    if (path.empty() || path == "/" || exists(path)) return {};
    std::string above = parent(path);
    TRY_VOID(make_folders(above, durable));
    if (system_->mkdir(path, kFolderMode) != 0 && errno != EEXIST) return failed("mkdir", path);
    return durable == Durable::yes ? sync_folder(above) : Result<void>{};
  }

  Result<void> rename(const std::string& from, const std::string& to, Durable durable) override {
    if (system_->rename(from, to) != 0) return failed("rename", from);
    if (durable == Durable::no) return {};
    TRY_VOID(sync_folder(parent(to)));
    return parent(from) == parent(to) ? Result<void>{} : sync_folder(parent(from));
  }

  Result<void> remove(const std::string& path) override {
    if (system_->unlink(path) != 0) return failed("unlink", path);
    return {};
  }

  Result<void> remove_tree(const std::string& path) override { return remove_tree(path, 0); }

  Result<void> sync_folder(const std::string& path) override {
    if (system_->sync_folder(path) != 0) return failed("fsync", path);
    return {};
  }

  Result<void> sync_file_system(const std::string& path) override {
    if (system_->sync_file_system(path) != 0) return failed("syncfs", path);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
    if (!open) return failed("opendir", folder);
    std::vector<std::string> names;
    errno = 0;
    while (dirent* entry = ::readdir(open.get())) {
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
      errno = 0;
    }
    if (errno != 0) return failed("readdir", folder);
    std::sort(names.begin(), names.end());
    return names;
  }

  bool exists(const std::string& path) override {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0;
  }

 private:
  Result<void> remove_tree(const std::string& path, int depth) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) {
      return errno == ENOENT ? Result<void>{} : failed("lstat", path);
    }
    if (!S_ISDIR(found.st_mode)) return remove(path);
    if (depth == kTreeDepthMax) return fail(Code::too_large, "folders too deep at " + path);
    std::vector<std::string> names = TRY(list(path));
    for (const std::string& name : names) {
      TRY_VOID(remove_tree(path + "/" + name, depth + 1));
    }
    if (system_->rmdir(path) != 0) return failed("rmdir", path);
    return {};
  }

  std::unique_ptr<System> system_;
  std::atomic<std::uint64_t> hidden_names_ = 0;
};

}  // namespace

std::unique_ptr<Disk> local_disk() {
  return disk_over(std::make_unique<System>());
}

std::unique_ptr<Disk> disk_over(std::unique_ptr<System> system) {
  return std::make_unique<LocalDisk>(std::move(system));
}

std::string parent(const std::string& path) {
  auto slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return "/";
  return path.substr(0, slash);
}

}  // namespace essaim::disk
