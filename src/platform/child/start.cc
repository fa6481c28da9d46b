// Between clone and exec the child runs on our memory while we stand still: it makes system calls
// and touches nothing else.
#include "platform/child/internal/start.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace essaim::child::internal {

namespace {

constexpr std::size_t kStackBytes = 64 * 1024;
constexpr int kOwnNamespaces = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC;
constexpr int kNice = 10;  // requests come before previews
constexpr int kLastSignal = 64;
constexpr unsigned kFirstOther = 3;  // the first descriptor that is not the helper's

struct Limit {
  __rlimit_resource resource;
  rlimit value;
};

// Everything the child needs, made before it is.
struct Plan {
  const char* program = nullptr;
  char** arguments = nullptr;
  char** environment = nullptr;
  int input = -1;
  int answer = -1;
  int nothing = -1;
  Limit limits[8] = {};
  std::size_t limit_count = 0;
  int error = 0;  // set by the child when it cannot become the helper
};

[[gnu::no_sanitize("address", "thread", "undefined")]] bool become(Plan& plan) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  // We ignore SIGPIPE, and a thread of ours may block what it likes; the helper does neither.
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(signal, &standard, nullptr);
  }
  if (::dup2(plan.input, 0) < 0 || ::dup2(plan.answer, 1) < 0 || ::dup2(plan.nothing, 2) < 0) {
    return false;
  }
  if (::syscall(SYS_close_range, kFirstOther, std::numeric_limits<unsigned>::max(), 0) != 0) {
    return false;
  }
  for (std::size_t i = 0; i < plan.limit_count; ++i) {
    if (::setrlimit(plan.limits[i].resource, &plan.limits[i].value) != 0) return false;
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::chdir("/") != 0) return false;
  ::setpriority(PRIO_PROCESS, 0, kNice);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.program, plan.arguments, plan.environment);
  return false;
}

[[gnu::no_sanitize("address", "thread", "undefined")]] int child_main(void* given) {
  auto& plan = *static_cast<Plan*>(given);
  if (!become(plan)) plan.error = errno;
  ::_exit(127);
}

// Memory that the child's first steps run on.
class Stack {
 public:
  Stack()
      : memory_(::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  ~Stack() {
    if (memory_ != MAP_FAILED) ::munmap(memory_, kStackBytes);
  }
  bool there() const { return memory_ != MAP_FAILED; }
  void* top() const { return static_cast<char*>(memory_) + kStackBytes; }

 private:
  void* memory_;
};

// No signal may be handled in the child while it shares our memory.
class Quiet {
 public:
  Quiet() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  ~Quiet() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

void set_limits(Plan& plan, const Limits& limits) {
  auto seconds = static_cast<rlim_t>((limits.cpu.count() + 999) / 1000);
  auto memory = static_cast<rlim_t>(limits.memory_max);
  auto descriptors = static_cast<rlim_t>(limits.descriptors_max);
  auto add = [&](__rlimit_resource resource, rlim_t soft, rlim_t hard) {
    plan.limits[plan.limit_count++] = {resource, {soft, hard}};
  };
  // The first second beyond ends it with SIGXCPU, the next with SIGKILL.
  add(RLIMIT_CPU, seconds, seconds + 1);
  // Not RLIMIT_AS: a hundred shared libraries take address space that is no memory.
  add(RLIMIT_DATA, memory, memory);
  add(RLIMIT_FSIZE, 0, 0);
  add(RLIMIT_NOFILE, descriptors, descriptors);
  add(RLIMIT_CORE, 0, 0);
}

tl::unexpected<Error> refused(const std::string& program, int error) {
  Code code = Code::io;
  if (error == ENOENT || error == ENOTDIR || error == EACCES) code = Code::not_found;
  if (error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE) {
    code = Code::too_many;
  }
  return fail(code, "start " + program + ": " + std::strerror(error));
}

// Above the helper's own three, so that no dup2 meets one that is still to be copied.
Result<UniqueFd> high(int fd) {
  UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstOther));
  if (!copy) return fail(Code::too_many, "no descriptor left for a helper");
  return copy;
}

int spawn(Plan& plan, const Stack& stack, int namespaces, UniqueFd& handle) {
  int fd = -1;
  Quiet quiet;
  int pid = ::clone(child_main, stack.top(),
                    CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD | namespaces, &plan, &fd);
  if (pid > 0) handle = UniqueFd(fd);
  return pid;
}

}  // namespace

Result<Started> start(const Command& command, const UniqueFd& input, const Limits& limits) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return refused(command.program, errno);
  UniqueFd answer(ends[0]);
  UniqueFd writing(ends[1]);
  UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Stack stack;
  if (!nothing || !stack.there()) return refused(command.program, errno);
  auto high_input = TRY(high(input.get()));
  auto high_writing = TRY(high(writing.get()));
  auto high_nothing = TRY(high(nothing.get()));
  writing.reset();

  std::vector<std::string> words{command.program};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::string locale = "LC_ALL=C.UTF-8";
  char* environment[] = {locale.data(), nullptr};

  Plan plan{.program = command.program.c_str(),
            .arguments = arguments.data(),
            .environment = environment,
            .input = high_input.get(),
            .answer = high_writing.get(),
            .nothing = high_nothing.get()};
  set_limits(plan, limits);
  Started out;
  out.isolated = true;
  out.pid = spawn(plan, stack, kOwnNamespaces, out.handle);
  if (out.pid < 0) {
    // The machine may not let ordinary users have namespaces; the other fences hold without.
    out.isolated = false;
    out.pid = spawn(plan, stack, 0, out.handle);
  }
  if (out.pid < 0) return refused(command.program, errno);
  if (plan.error != 0) {
    siginfo_t ended{};
    ::waitid(P_PID, static_cast<id_t>(out.pid), &ended, WEXITED);
    return refused(command.program, plan.error);
  }
  out.answer = std::move(answer);
  return out;
}

}  // namespace essaim::child::internal
