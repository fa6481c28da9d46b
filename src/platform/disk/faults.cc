#include "platform/disk/faults.h"

#include <fcntl.h>

#include <cerrno>
#include <unordered_map>
#include <utility>

#include "platform/disk/system.h"

namespace essaim::disk {

using Kind = Event::Kind;

const char* name(Op op) {
  switch (op) {
    case Op::open:
      return "open";
    case Op::read:
      return "read";
    case Op::write:
      return "write";
    case Op::truncate:
      return "truncate";
    case Op::sync:
      return "sync";
    case Op::link:
      return "link";
    case Op::rename:
      return "rename";
    case Op::remove:
      return "remove";
    case Op::make_folder:
      return "make_folder";
  }
  return "unknown";
}

void FaultPlan::fail(Op op, int nth, int error, Lasting lasting) {
  auto lock = enter();
  faults_[static_cast<std::size_t>(op)] = Fault{nth, error, lasting};
}

void FaultPlan::heal() {
  auto lock = enter();
  faults_ = {};
}

std::int64_t FaultPlan::seen(Op op) const {
  auto lock = enter();
  return seen_[static_cast<std::size_t>(op)];
}

std::int64_t FaultPlan::failed() const {
  auto lock = enter();
  return failed_;
}

void FaultPlan::record() {
  auto lock = enter();
  recording_ = true;
}

void FaultPlan::note(std::uint64_t what) {
  auto lock = enter();
  Event event;
  event.file = what;
  happened(std::move(event));
}

Trace FaultPlan::take_trace() {
  auto lock = enter();
  recording_ = false;
  return std::exchange(trace_, {});
}

int FaultPlan::next(Op op) {
  auto at = static_cast<std::size_t>(op);
  ++seen_[at];
  auto& fault = faults_[at];
  if (!fault || --fault->countdown > 0) return 0;
  int error = fault->error;
  if (fault->lasting == Lasting::once) {
    fault.reset();
  } else {
    fault->countdown = 1;
  }
  ++failed_;
  return error;
}

void FaultPlan::happened(Event event) {
  follow_names(event);
  if (recording_) trace_.push_back(std::move(event));
}

std::uint64_t FaultPlan::file_at(const std::string& path) const {
  auto found = names_.find(path);
  return found == names_.end() ? 0 : found->second;
}

void FaultPlan::follow_names(const Event& event) {
  switch (event.kind) {
    case Kind::create:
    case Kind::link:
      if (!event.path.empty()) names_[event.path] = event.file;
      break;
    case Kind::remove:
      names_.erase(event.path);
      break;
    case Kind::rename: {
      // A folder takes what is in it along.
      std::map<std::string, std::uint64_t> moved;
      std::erase_if(names_, [&](const auto& entry) {
        const auto& [path, file] = entry;
        bool inside = path == event.path || path.starts_with(event.path + "/");
        if (inside) moved[event.to + path.substr(event.path.size())] = file;
        return inside;
      });
      for (auto& [path, file] : moved) names_[path] = file;
      break;
    }
    default:
      break;
  }
}

namespace {

class FaultySystem final : public System {
 public:
  explicit FaultySystem(FaultPlan& plan) : plan_(plan) {}

  int open(const std::string& path, int flags, mode_t mode) override {
    auto lock = plan_.enter();
    if (broken(Op::open)) return -1;
    bool nameless = (flags & O_TMPFILE) == O_TMPFILE;
    bool there = !nameless && ::access(path.c_str(), F_OK) == 0;
    int fd = System::open(path, flags, mode);
    if (fd < 0) return fd;
    Handle& handle = handles_[fd];
    handle = {there ? plan_.file_at(path) : plan_.new_file(), 0};
    if (!there) plan_.happened({Kind::create, handle.file, nameless ? "" : path, {}, 0, {}});
    if (there && (flags & O_TRUNC)) plan_.happened({Kind::truncate, handle.file, {}, {}, 0, {}});
    return fd;
  }

  ssize_t write(int fd, std::span<const std::byte> bytes) override {
    auto lock = plan_.enter();
    if (broken(Op::write)) return -1;
    ssize_t written = System::write(fd, bytes);
    if (written <= 0) return written;
    Handle& handle = handles_[fd];
    auto done = bytes.first(static_cast<std::size_t>(written));
    plan_.happened({Kind::write, handle.file, {}, {}, handle.offset, {done.begin(), done.end()}});
    handle.offset += written;
    return written;
  }

  int fdatasync(int fd) override {
    auto lock = plan_.enter();
    std::uint64_t file = handles_[fd].file;
    if (broken(Op::sync)) {
      int error = errno;
      plan_.happened({Kind::sync_failed, file, {}, {}, 0, {}});
      errno = error;
      return -1;
    }
    return after(System::fdatasync(fd), {Kind::sync, file, {}, {}, 0, {}});
  }

  int sync_folder(const std::string& path) override {
    auto lock = plan_.enter();
    if (broken(Op::sync)) return -1;
    return after(System::sync_folder(path), {Kind::sync_folder, 0, path, {}, 0, {}});
  }

  int sync_file_system(const std::string& path) override {
    auto lock = plan_.enter();
    if (broken(Op::sync)) return -1;
    return after(System::sync_file_system(path), {Kind::sync_all, 0, path, {}, 0, {}});
  }

  int link(int fd, const std::string& path) override {
    auto lock = plan_.enter();
    if (broken(Op::link)) return -1;
    return after(System::link(fd, path), {Kind::link, handles_[fd].file, path, {}, 0, {}});
  }

  int link(const std::string& from, const std::string& to) override {
    auto lock = plan_.enter();
    if (broken(Op::link)) return -1;
    return after(System::link(from, to), {Kind::link, plan_.file_at(from), to, {}, 0, {}});
  }

  int rename(const std::string& from, const std::string& to) override {
    auto lock = plan_.enter();
    if (broken(Op::rename)) return -1;
    return after(System::rename(from, to), {Kind::rename, 0, from, to, 0, {}});
  }

  int unlink(const std::string& path) override {
    auto lock = plan_.enter();
    if (broken(Op::remove)) return -1;
    return after(System::unlink(path), {Kind::remove, 0, path, {}, 0, {}});
  }

  int mkdir(const std::string& path, mode_t mode) override {
    auto lock = plan_.enter();
    if (broken(Op::make_folder)) return -1;
    return after(System::mkdir(path, mode), {Kind::make_folder, 0, path, {}, 0, {}});
  }

  int rmdir(const std::string& path) override {
    auto lock = plan_.enter();
    if (broken(Op::remove)) return -1;
    return after(System::rmdir(path), {Kind::remove_folder, 0, path, {}, 0, {}});
  }

 private:
  // What a descriptor that was opened here writes to. A stale entry is replaced when the number
  // comes back, since every descriptor that gets here was opened here.
  struct Handle {
    std::uint64_t file = 0;
    ByteCount offset = 0;
  };

  bool broken(Op op) {
    int error = plan_.next(op);
    if (error != 0) errno = error;
    return error != 0;
  }

  int after(int result, Event event) {
    if (result != 0) return result;
    plan_.happened(std::move(event));
    return 0;
  }

  FaultPlan& plan_;
  std::unordered_map<int, Handle> handles_;
};

}  // namespace

std::unique_ptr<Disk> faulty_disk(FaultPlan& plan) {
  return disk_over(std::make_unique<FaultySystem>(plan));
}

}  // namespace essaim::disk
