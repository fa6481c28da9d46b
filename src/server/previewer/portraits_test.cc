// Portraits over helpers that are shell scripts: what it does with good and bad ones.
#include "server/previewer/portraits.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <vector>

#include "base/log/log.h"
#include "platform/disk/testing.h"

namespace essaim::previewer {
namespace {

using namespace std::chrono_literals;

// Says what it was asked for, as a picture of the kind.
constexpr auto kDraws =
    "[ \"$4\" = png ] && printf '\\211PNG\\r\\n\\032\\n' || printf '\\377\\330\\377'\n"
    "printf '%s %s %s: ' \"$1\" \"$2\" \"$3\"; cat";

class PortraitsTest : public testing::Test {
 protected:
  PortraitsTest() {
    log::set_output([](std::string_view) {});
  }
  ~PortraitsTest() override {
    portraits_.reset();
    log::set_output({});
  }

  void start(const std::string& does) {
    std::string program = folder_.path() + "/helper";
    std::ofstream(program) << "#!/bin/sh\n" << does << "\n";
    ASSERT_EQ(::chmod(program.c_str(), 0700), 0);
    portraits_ = std::make_unique<Portraits>(program, limits_);
  }
  void ask(const std::string& space = "abcdefgh01234567") {
    auto file = child::in_memory("chosen");
    ASSERT_TRUE(file);
    portraits_->draw(SpaceId{space}, std::move(*file), [this](Result<members::Picture> drawn) {
      std::lock_guard lock(mutex_);
      answers_.push_back(std::move(drawn));
      answered_.notify_all();
    });
  }
  std::vector<Result<members::Picture>> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(answered_.wait_for(lock, 60s, [&] { return answers_.size() >= count; }));
    return std::exchange(answers_, {});
  }
  Result<members::Picture> draw() {
    ask();
    return std::move(wait(1).front());
  }

  disk::TestFolder folder_;
  PortraitLimits limits_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::vector<Result<members::Picture>> answers_;
  std::unique_ptr<Portraits> portraits_;
};

TEST_F(PortraitsTest, the_large_one_is_drawn_from_what_was_chosen_and_the_others_from_it) {
  start(kDraws);
  auto drawn = draw();
  ASSERT_TRUE(drawn);
  const std::string png = "\x89PNG\r\n\x1a\n";
  EXPECT_EQ(drawn->large, "\xFF\xD8\xFFimage exact 512x512: chosen");
  EXPECT_EQ(drawn->medium, png + "image exact 128x128: " + drawn->large);
  EXPECT_EQ(drawn->small, png + "image exact 64x64: " + drawn->large);
}

TEST_F(PortraitsTest, what_cannot_be_drawn_has_a_reason) {
  struct Row {
    const char* does;
    Code code;
  };
  for (const auto& row : {Row{"exit 10", Code::bad_request}, Row{"exit 11", Code::too_large},
                          Row{"exit 12", Code::unsupported}, Row{"echo garbage", Code::bad_request},
                          Row{"kill -9 $$", Code::bad_request}, Row{":", Code::bad_request}}) {
    start(row.does);
    auto drawn = draw();
    ASSERT_FALSE(drawn) << row.does;
    EXPECT_EQ(drawn.error().code, row.code) << row.does;
  }
}

TEST_F(PortraitsTest, one_that_hangs_is_ended) {
  limits_.helper.wall = 300ms;
  start("exec sleep 60");
  EXPECT_EQ(draw().error().code, Code::bad_request);
}

TEST_F(PortraitsTest, one_space_does_not_fill_the_queue_of_another) {
  limits_.waiting_of_space_max = 2;
  start("sleep 0.5; exit 10");
  for (int i = 0; i < 8; ++i) ask();
  ask("zzzzzzzz01234567");
  int busy = 0;
  int refused = 0;
  for (auto& each : wait(9)) {
    busy += each.error().code == Code::busy ? 1 : 0;
    refused += each.error().code == Code::bad_request ? 1 : 0;
  }
  EXPECT_GE(busy, 5);
  EXPECT_EQ(busy + refused, 9);
  EXPECT_GE(refused, 3) << "that of the other space among them";
}

TEST_F(PortraitsTest, stopping_ends_the_helper_and_answers_all) {
  start("exec sleep 60");
  for (int i = 0; i < 3; ++i) ask();
  portraits_->stop();
  for (auto& each : wait(3)) EXPECT_EQ(each.error().code, Code::busy);
  EXPECT_EQ(draw().error().code, Code::busy) << "after stop";
}

TEST_F(PortraitsTest, without_a_helper_there_are_none) {
  portraits_ = std::make_unique<Portraits>("");
  EXPECT_EQ(draw().error().code, Code::unsupported);
}

}  // namespace
}  // namespace essaim::previewer
