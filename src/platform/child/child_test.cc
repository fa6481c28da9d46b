// What a helper may not do, tried by one that does it.
#include "platform/child/child.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace essaim::child {
namespace {

constexpr int kRefused = 7;  // what the helper says when it was told no

std::string helper() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "essaim-misbehave";
}

Result<Outcome> misbehave(const std::string& files, const std::string& what, Limits limits = {},
                          std::string_view input = "", int cancel = -1) {
  auto file = in_memory(input);
  if (!file) return tl::unexpected(file.error());
  return run({helper(), {files, what}}, *file, limits, cancel);
}

// The processes that are still children of this one.
bool childless() {
  return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

TEST(Child, AnswersWithWhatTheHelperWrote) {
  std::string text(300'000, 'x');
  auto outcome = misbehave("none", "echo", {}, text);
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(outcome->fate, Fate::ended);
  EXPECT_EQ(outcome->exit_code, 0);
  EXPECT_EQ(outcome->output, text);
}

TEST(Child, EndsOneThatBurnsItsTime) {
  Limits limits;
  limits.cpu = Duration(1'000);
  auto outcome = misbehave("none", "burn", limits);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->fate, Fate::killed);
  EXPECT_THAT(outcome->signal, testing::AnyOf(SIGXCPU, SIGKILL));
}

TEST(Child, GivesNoMoreMemoryThanItsLimit) {
  Limits limits;
  limits.memory_max = 64 * kMiB;
  auto outcome = misbehave("none", "eat", limits);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->fate, Fate::ended);
  EXPECT_EQ(outcome->exit_code, kRefused);
}

TEST(Child, EndsOneThatWritesWithoutEnd) {
  Limits limits;
  limits.output_max = 1 * kMiB;
  auto outcome = misbehave("none", "flood", limits);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->fate, Fate::flooded);
  EXPECT_TRUE(outcome->output.empty());
}

TEST(Child, EndsOneThatHangs) {
  Limits limits;
  limits.wall = Duration(300);
  for (const char* how : {"hang", "sleep"}) {
    auto outcome = misbehave("bare", how, limits);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->fate, Fate::timed_out) << how;
  }
  EXPECT_TRUE(childless());
}

TEST(Child, EndsOneThatNobodyWaitsForAnyMore) {
  UniqueFd cancel(::eventfd(1, EFD_CLOEXEC));
  auto outcome = misbehave("bare", "sleep", {}, "", cancel.get());
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->fate, Fate::cancelled);
  EXPECT_TRUE(childless());
}

TEST(Child, ACrashIsNoExitCode) {
  auto outcome = misbehave("none", "crash");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->fate, Fate::killed);
  EXPECT_EQ(outcome->signal, SIGABRT);
}

TEST(Child, AMissingProgramIsSaid) {
  auto file = in_memory("");
  auto outcome = run({"/nowhere/essaim-thumb", {}}, *file, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::not_found);
  EXPECT_TRUE(childless());
}

TEST(Child, SeesNoDescriptorButItsThree) {
  // One that would be inherited.
  UniqueFd secret(::open("/dev/null", O_RDONLY));
  auto outcome = misbehave("bare", "descriptors");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, "3");
}

TEST(Child, WhatOnlyAnAttackTriesIsDeadly) {
  for (const char* what : {"socket", "exec", "ptrace"}) {
    for (const char* files : {"none", "fonts"}) {
      auto outcome = misbehave(files, what);
      ASSERT_TRUE(outcome);
      EXPECT_EQ(outcome->fate, Fate::killed) << files << " " << what;
      EXPECT_EQ(outcome->signal, SIGSYS) << files << " " << what;
    }
  }
}

TEST(Child, NeitherProcessesNorCodeNorFilesAreMade) {
  for (const char* what : {"fork", "code", "write", "unlink", "read"}) {
    for (const char* files : {"none", "fonts"}) {
      auto outcome = misbehave(files, what);
      ASSERT_TRUE(outcome);
      EXPECT_EQ(outcome->fate, Fate::ended) << files << " " << what;
      EXPECT_EQ(outcome->exit_code, kRefused) << files << " " << what;
    }
  }
}

TEST(Child, FontsAreReadOnlyByWhoNeedsThem) {
  EXPECT_EQ(misbehave("none", "fonts")->exit_code, kRefused);
  EXPECT_EQ(misbehave("fonts", "fonts")->exit_code, 0);
}

TEST(Child, ManyAtOnceLeaveNothingBehind) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 10; ++n) {
        auto outcome = misbehave("none", "echo", {}, "same");
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->output, "same");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(childless());
}

}  // namespace
}  // namespace essaim::child
