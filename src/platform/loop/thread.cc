#include "platform/loop/thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <string>

namespace essaim::loop {

namespace {

constexpr std::size_t kNameMax = 15;
constexpr int kNice = 10;  // a weight of 110 beside 1024 (sched(7))
// The scheduler lets a thread of a shorter slice interrupt one of a longer slice at once; among
// equals the running one ends its slice first. So longer than its own for all, at most 3 ms, and
// not much longer, since what such a thread must make good later grows with it.
constexpr std::uint64_t kSliceNs = 10'000'000;

// As sched_setattr(2) has it. The C library of Debian 12 declares neither it nor the call, and the
// kernel's own header contradicts <sched.h>.
struct Attributes {
  std::uint32_t size = sizeof(Attributes);
  std::uint32_t policy = SCHED_BATCH;  // its wake-ups interrupt nobody
  std::uint64_t flags = 0;
  std::int32_t nice = kNice;
  std::uint32_t priority = 0;
  std::uint64_t runtime = kSliceNs;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

}  // namespace

void name_this_thread(std::string_view name) {
  pthread_setname_np(pthread_self(), std::string(name.substr(0, kNameMax)).c_str());
}

void give_way_to_others() {
  Attributes wanted;
  if (::syscall(SYS_sched_setattr, 0, &wanted, 0) == 0) return;
  // On Linux a thread has a niceness of its own.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

}  // namespace essaim::loop
