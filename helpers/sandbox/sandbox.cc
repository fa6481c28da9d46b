#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>

#include "base/core/fd.h"

namespace essaim::sandbox {

namespace {

// Where Debian keeps fonts, how they are chosen, and the tables of poppler. A folder that is not
// there is left out.
constexpr const char* kFontFolders[] = {
    "/etc/fonts",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/poppler",
    "/var/cache/fontconfig",
    "/usr/share/fontconfig",
    "/usr/share/ghostscript",
    "/usr/share/X11/locale",
};

// What decoding an image needs besides opening files and mapping memory.
constexpr int kAllowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(preadv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fcntl),
    SCMP_SYS(dup),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(membarrier),
};

// What only an attack would try: the process ends at once.
constexpr int kDeadly[] = {
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(bpf),
    SCMP_SYS(mount),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(init_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(memfd_create),
};

// What looks at files without opening them; they see what landlock does not hide.
constexpr int kLooking[] = {
    SCMP_SYS(stat),      SCMP_SYS(lstat),      SCMP_SYS(statx),    SCMP_SYS(access),
    SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(getdents64),
    SCMP_SYS(fstatfs),   SCMP_SYS(statfs),     SCMP_SYS(getcwd),
};

int landlock_abi() {
  return static_cast<int>(
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

// Landlock holds the thread that asks for it and those it starts: there must be no other yet.
bool alone() {
  struct stat tasks {};
  // A folder has two links and one for each folder in it.
  return ::stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink == 3;
}

// Every right of the first version: what a later one adds (truncate, ioctl, network) seccomp
// forbids.
constexpr std::uint64_t kRights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
constexpr std::uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

bool allow_folder(int rules, const char* folder) {
  UniqueFd place(::open(folder, O_PATH | O_CLOEXEC));
  if (!place) return errno == ENOENT;
  landlock_path_beneath_attr beneath{};
  beneath.allowed_access = kReading;
  beneath.parent_fd = place.get();
  return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
}

bool enter_landlock(Files files) {
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = kRights;
  UniqueFd rules(static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled.handled_access_fs), 0)));
  if (!rules) return false;
  if (files == Files::fonts) {
    for (const char* folder : kFontFolders) {
      if (!allow_folder(rules.get(), folder)) return false;
    }
  }
  return syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
}

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

// Private memory, or a file shared for reading; never executable.
int add_memory_rules(void* filter) {
  constexpr auto kNotExec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, kNotExec,
                             SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_SHARED, 0));
  bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, kNotExec,
                          SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0));
  bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, kNotExec);
  return bad;
}

// A thread is a clone that shares everything; clone3 hides its flags from a filter, so glibc is
// told that there is none and uses clone.
int add_thread_rules(void* filter) {
  constexpr std::uint64_t kThread =
      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
  int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, kThread, kThread));
  bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  // The names of threads.
  bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                          SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
  // abort() of a library sends a signal to itself.
  bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                          SCMP_A0(SCMP_CMP_EQ, static_cast<std::uint64_t>(::getpid())));
  return bad;
}

int add_file_rules(void* filter, Files files) {
  if (files == Files::none) {
    // Libraries ask for the number of processors and the like, and do without.
    int bad = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 0);
    return bad | seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(open), 0);
  }
  constexpr std::uint64_t kWriting =
      O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
  int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, kWriting, O_RDONLY));
  bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
                          SCMP_A1(SCMP_CMP_MASKED_EQ, kWriting, O_RDONLY));
  for (int call : kLooking) bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
  return bad;
}

bool enter_seccomp(Files files) {
  Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) return false;
  int bad = 0;
  for (int call : kAllowed) bad |= seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
  for (int call : kDeadly) bad |= seccomp_rule_add(filter.get(), SCMP_ACT_KILL_PROCESS, call, 0);
  bad |= add_memory_rules(filter.get());
  bad |= add_thread_rules(filter.get());
  bad |= add_file_rules(filter.get(), files);
  return bad == 0 && seccomp_load(filter.get()) == 0;
}

}  // namespace

bool has_landlock() {
  return landlock_abi() >= 1;
}

bool enter(Files files) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  if (has_landlock()) {
    if (!alone() || !enter_landlock(files)) return false;
  } else if (files != Files::none) {
    return false;
  }
  return enter_seccomp(files);
}

}  // namespace essaim::sandbox
