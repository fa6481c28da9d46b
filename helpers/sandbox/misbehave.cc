// Does one thing that a helper must not do, inside the sandbox, so that a test can see it stopped.
// Ends with 0 when it got away with it, with 7 when it was told no.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "sandbox/sandbox.h"

namespace {

constexpr int kRefused = 7;
constexpr std::size_t kMiB = 1024 * 1024;

int verdict(bool worked) {
  return worked ? 0 : kRefused;
}

int burn() {
  volatile std::uint64_t n = 0;
  while (true) n = n + 1;
}

int eat() {
  for (int i = 0; i < 4096; ++i) {
    void* piece = std::malloc(kMiB);
    if (piece == nullptr) return kRefused;
    std::memset(piece, 1, kMiB);
  }
  return 0;
}

int flood() {
  const std::string block(64 * 1024, 'x');
  while (true) {
    if (::write(1, block.data(), block.size()) < 0) return kRefused;
  }
}

int echo() {
  char piece[4096];
  ssize_t got = 0;
  while ((got = ::read(0, piece, sizeof piece)) > 0) {
    if (::write(1, piece, static_cast<std::size_t>(got)) != got) return kRefused;
  }
  return 0;
}

// How many descriptors are open.
int descriptors() {
  int count = 0;
  for (int fd = 0; fd < 4096; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  std::printf("%d", count);
  return std::fflush(stdout) == 0 ? 0 : kRefused;
}

int run(std::string_view what) {
  if (what == "echo") return echo();
  if (what == "burn") return burn();
  if (what == "eat") return eat();
  if (what == "flood") return flood();
  if (what == "hang") return ::pause();
  if (what == "sleep") {
    while (true) ::usleep(100'000);
  }
  if (what == "crash") std::abort();
  if (what == "descriptors") return descriptors();
  if (what == "socket") return verdict(::socket(AF_INET, SOCK_STREAM, 0) >= 0);
  if (what == "exec") return verdict(::execl("/bin/true", "true", nullptr) == 0);
  if (what == "fork") return verdict(::fork() >= 0);
  if (what == "ptrace") return verdict(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0);
  if (what == "read") return verdict(::open("/etc/passwd", O_RDONLY) >= 0);
  if (what == "fonts") return verdict(::open("/etc/fonts", O_RDONLY | O_DIRECTORY) >= 0);
  if (what == "write") return verdict(::open("/etc/fonts/new", O_WRONLY | O_CREAT, 0600) >= 0);
  if (what == "unlink") return verdict(::unlink("/etc/fonts/fonts.conf") == 0);
  if (what == "code") {
    return verdict(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
  }
  return 2;
}

}  // namespace

// essaim-misbehave none|fonts|bare WHAT
int main(int count, char** words) {
  if (count != 3) return 2;
  std::string_view files = words[1];
  using essaim::sandbox::Files;
  if (files == "none" && !essaim::sandbox::enter(Files::none)) return 3;
  if (files == "fonts" && !essaim::sandbox::enter(Files::fonts)) return 3;
  return run(words[2]);
}
