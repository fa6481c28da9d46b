#include "platform/child/child.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "platform/child/internal/start.h"

namespace essaim::child {

namespace {

using Time = std::chrono::steady_clock;
constexpr std::size_t kPiece = 64 * 1024;

// One running helper. Ends it, with whatever it started, unless it has ended.
class Running {
 public:
  explicit Running(internal::Started started) : started_(std::move(started)) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (!reaped_) (void)reap(true);
  }

  int answer() const { return started_.answer.get(); }
  int handle() const { return started_.handle.get(); }

  // Waits for its end; `kill`: brings it about first.
  siginfo_t reap(bool kill) {
    if (kill) {
      ::kill(-started_.pid, SIGKILL);
      ::kill(started_.pid, SIGKILL);
    }
    siginfo_t ended{};
    while (::waitid(P_PID, static_cast<id_t>(started_.pid), &ended, WEXITED) != 0 &&
           errno == EINTR) {
    }
    reaped_ = true;
    return ended;
  }

 private:
  internal::Started started_;
  bool reaped_ = false;
};

// Appends what is there; false at the end of the answer.
bool take(int from, std::string& output, ByteCount max, bool& flooded) {
  static thread_local std::array<char, kPiece> piece;
  ssize_t got = ::read(from, piece.data(), piece.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  if (static_cast<ByteCount>(output.size()) + got > max) {
    flooded = true;
    return false;
  }
  output.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

// Reads until the helper has closed its answer and ended, or must be ended. `ended`: by itself.
Fate follow(Running& helper, const Limits& limits, int cancel, std::string& output) {
  auto until = Time::now() + limits.wall;
  bool open = true;
  while (true) {
    auto left = std::chrono::duration_cast<Duration>(until - Time::now()).count();
    if (left <= 0) return Fate::timed_out;
    // Once the answer is closed only the end is waited for.
    pollfd waits[3] = {{open ? helper.answer() : -1, POLLIN, 0},
                       {cancel, POLLIN, 0},
                       {open ? -1 : helper.handle(), POLLIN, 0}};
    if (::poll(waits, 3, static_cast<int>(left) + 1) < 0 && errno != EINTR) return Fate::timed_out;
    if (waits[1].revents != 0) return Fate::cancelled;
    if (waits[2].revents != 0) return Fate::ended;
    if (waits[0].revents == 0) continue;
    bool flooded = false;
    open = take(helper.answer(), output, limits.output_max, flooded);
    if (flooded) return Fate::flooded;
  }
}

}  // namespace

Result<Outcome> run(const Command& command, const UniqueFd& input, const Limits& limits,
                    int cancel) {
  auto started = TRY(internal::start(command, input, limits));
  Outcome out;
  out.isolated = started.isolated;
  Running helper(std::move(started));
  out.fate = follow(helper, limits, cancel, out.output);
  auto ended = helper.reap(out.fate != Fate::ended);
  if (out.fate == Fate::ended && ended.si_code == CLD_EXITED) {
    out.exit_code = ended.si_status;
    return out;
  }
  out.output.clear();
  if (out.fate == Fate::ended) {
    out.fate = Fate::killed;
    out.signal = ended.si_status;
  }
  return out;
}

Result<UniqueFd> in_memory(std::string_view bytes) {
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return fail(Code::io, std::string("memfd: ") + std::strerror(errno));
  auto left = bytes;
  while (!left.empty()) {
    ssize_t written = ::write(file.get(), left.data(), left.size());
    if (written < 0) return fail(Code::io, std::string("memfd: ") + std::strerror(errno));
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return fail(Code::io, "memfd: seek");
  return file;
}

}  // namespace essaim::child
