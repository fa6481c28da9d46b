#include "platform/loop/thread.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

namespace essaim::loop {
namespace {

int niceness() {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

TEST(Thread, a_long_name_is_cut_to_what_the_kernel_keeps) {
  std::thread([] {
    name_this_thread("a name that is too long");
    char name[32] = {};
    ASSERT_EQ(pthread_getname_np(pthread_self(), name, sizeof name), 0);
    EXPECT_STREQ(name, "a name that is ");
  }).join();
}

TEST(Thread, one_that_gives_way_is_alone_in_it) {
  std::thread([] {
    give_way_to_others();
    EXPECT_EQ(niceness(), 10);
    EXPECT_EQ(::sched_getscheduler(0), SCHED_BATCH);
  }).join();
  EXPECT_EQ(niceness(), 0);
  EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
}

}  // namespace
}  // namespace essaim::loop
