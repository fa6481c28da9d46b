// The previewer over helpers that are shell scripts: what it does with good and bad ones.
#include "server/previewer/previewer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <vector>

#include "base/log/log.h"
#include "base/secrets/digest.h"
#include "base/secrets/secrets.h"
#include "platform/disk/testing.h"
#include "platform/sqlite/engine.h"

namespace essaim::previewer {
namespace {

using namespace std::chrono_literals;

const std::string kHash = secrets::sha256_hex("a content");
constexpr auto kPicture = "printf '\\377\\330\\377picture'";
constexpr auto kPictureBytes = "\xFF\xD8\xFFpicture";

class PreviewerTest : public testing::Test {
 protected:
  PreviewerTest() {
    secrets::initialize();
    log::set_output([this](std::string_view line) {
      std::lock_guard lock(mutex_);
      if (line.find("event=preview ") != std::string_view::npos) ++runs_;
    });
    EXPECT_TRUE(
        store::create(*engine_, layout_, id_, {.display_name = "Voile"}, disk::Disk::Durable::no));
    lane::Limits lane_limits;
    lane_limits.workers = 2;
    lanes_ = std::make_unique<lane::Lanes>(*engine_, layout_, clock_, lane_limits,
                                           [](const SpaceId&, const std::string&) {});
  }
  ~PreviewerTest() override {
    previewer_.reset();
    lanes_.reset();
    log::set_output({});
  }

  // Starts over a helper whose work is `does`.
  void start(const std::string& does) {
    std::string program = folder_.path() + "/helper";
    std::ofstream(program)
        << "#!/bin/sh\n[ \"$1\" = check ] && { printf 'images documents'; exit; }\n"
        << does << "\n";
    ASSERT_EQ(::chmod(program.c_str(), 0700), 0);
    previewer_ = std::make_unique<Previewer>(*lanes_, cache_, program, limits_);
    previewer_->start();
  }
  // Asks, and puts the answer to the others.
  void ask(const std::string& hash = kHash) {
    blobs::Content content;
    content.inline_bytes = "a content";
    Wanted wanted{
        id_, hash, previews::Kind::image, {previews::Mode::fill, 64, 64}, std::move(content)};
    previewer_->get(std::move(wanted), [this](Made made) {
      std::lock_guard lock(mutex_);
      answers_.push_back(std::move(made));
      answered_.notify_all();
    });
  }
  std::vector<Made> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(answered_.wait_for(lock, 60s, [&] { return answers_.size() >= count; }));
    return std::exchange(answers_, {});
  }
  Made get(const std::string& hash = kHash) {
    ask(hash);
    return std::move(wait(1).front());
  }
  int runs() {
    std::lock_guard lock(mutex_);
    return runs_;
  }
  bool remembered() {
    std::promise<bool> found;
    lanes_->read(
        id_,
        [&](store::ReadTx& tx) {
          found.set_value(previews::failed(tx, kHash, previews::Kind::image));
        },
        [](const Result<void>&) {});
    return found.get_future().get();
  }
  std::string cached() {
    return layout_.folder(id_) + "/previews/" + kHash.substr(0, 2) + "/" + kHash +
           "-image-fill-64x64";
  }

  TestClock clock_{Instant{1'700'000'000'000}};
  disk::TestFolder folder_;
  store::Layout layout_{folder_.path()};
  SpaceId id_{"abcdefgh01234567"};
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::local_engine();
  Limits limits_;
  Cache cache_{engine_->disk(), layout_, 1 * kMiB};
  std::unique_ptr<lane::Lanes> lanes_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::vector<Made> answers_;
  int runs_ = 0;
  std::unique_ptr<Previewer> previewer_;
};

TEST_F(PreviewerTest, a_herd_is_served_by_one_run) {
  start(std::string("sleep 0.3; ") + kPicture);
  for (int i = 0; i < 16; ++i) ask();
  for (auto& made : wait(16)) EXPECT_EQ(made.value_or(""), kPictureBytes);
  EXPECT_EQ(runs(), 1);
  EXPECT_EQ(get().value_or(""), kPictureBytes);
  EXPECT_EQ(runs(), 1) << "the second time it comes from the cache";
}

TEST_F(PreviewerTest, what_cannot_be_made_is_remembered) {
  for (const char* does : {"exit 10", "echo garbage", "kill -9 $$", ":"}) {
    start(does);
    for (int i = 0; i < 4; ++i) ask();
    for (auto& made : wait(4)) EXPECT_EQ(made.error().code, Code::not_found) << does;
    EXPECT_EQ(runs(), 1) << does;
    EXPECT_TRUE(remembered()) << does;
    EXPECT_EQ(get().error().code, Code::not_found) << does;
    EXPECT_EQ(runs(), 1) << "not tried again: " << does;
    previewer_.reset();
    runs_ = 0;
  }
}

TEST_F(PreviewerTest, one_that_hangs_is_ended_and_remembered) {
  limits_.helper.wall = 300ms;
  start("exec sleep 60");
  EXPECT_EQ(get().error().code, Code::not_found);
  EXPECT_TRUE(remembered());
}

TEST_F(PreviewerTest, the_machines_trouble_is_not_the_contents) {
  start("exit 12");
  EXPECT_EQ(get().error().code, Code::not_found);
  EXPECT_FALSE(remembered());
}

TEST_F(PreviewerTest, nobody_waits_longer_than_they_should) {
  limits_.answer_within = 300ms;
  limits_.helper.wall = 30s;
  start("exec sleep 60");
  EXPECT_EQ(get().error().code, Code::busy);
  EXPECT_EQ(runs(), 0) << "the helper still runs";
}

TEST_F(PreviewerTest, a_full_queue_answers_busy) {
  limits_.slots = 1;
  limits_.readers = 1;
  limits_.waiting_max = 2;
  start("exec sleep 60");
  for (int i = 0; i < 8; ++i) ask(secrets::sha256_hex(std::to_string(i)));
  auto refused = wait(5);
  for (auto& made : refused) EXPECT_EQ(made.error().code, Code::busy);
  previewer_->stop();
  for (auto& made : wait(8 - refused.size())) EXPECT_EQ(made.error().code, Code::busy);
  EXPECT_EQ(get().error().code, Code::busy) << "after stop";
}

TEST_F(PreviewerTest, what_a_power_cut_left_is_thrown_away) {
  start(kPicture);
  ASSERT_TRUE(get());
  auto size = std::filesystem::file_size(cached());
  std::filesystem::resize_file(cached(), size - 5);
  EXPECT_EQ(get().value_or(""), kPictureBytes);
  EXPECT_EQ(runs(), 2);
  // The length is right and the bytes are not: blocks that were never written.
  std::ofstream(cached(), std::ios::binary) << std::string(size, '\0');
  EXPECT_EQ(get().value_or(""), kPictureBytes);
  EXPECT_EQ(runs(), 3);
  EXPECT_EQ(get().value_or(""), kPictureBytes);
  EXPECT_EQ(runs(), 3);
}

TEST_F(PreviewerTest, offers_nothing_without_a_helper) {
  previewer_ = std::make_unique<Previewer>(*lanes_, cache_, "", limits_);
  previewer_->start();
  EXPECT_EQ(previewer_->offer(), previews::Offer::nothing);
  EXPECT_EQ(get().error().code, Code::busy);
}

TEST_F(PreviewerTest, the_oldest_make_room) {
  std::string bytes(100'000, 'x');
  std::string first = secrets::sha256_hex("0");
  for (int i = 0; i < 40; ++i) {
    auto hash = secrets::sha256_hex(std::to_string(i));
    ASSERT_TRUE(cache_.write(id_, hash, "image-fill-64x64", bytes));
    if (i > 0) continue;
    auto path = layout_.folder(id_) + "/previews/" + hash.substr(0, 2);
    for (const auto& file : std::filesystem::directory_iterator(path)) {
      std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - 1h);
    }
  }
  ASSERT_TRUE(cache_.trim(id_));
  EXPECT_FALSE(cache_.read(id_, first, "image-fill-64x64"));
  int left = 0;
  for (int i = 0; i < 40; ++i) {
    auto hash = secrets::sha256_hex(std::to_string(i));
    left += cache_.read(id_, hash, "image-fill-64x64").has_value() ? 1 : 0;
  }
  EXPECT_LE(left, 10) << "of one mebibyte";
  EXPECT_GE(left, 7);
}

TEST_F(PreviewerTest, all_previews_of_a_content_go_with_it) {
  auto other = kHash;
  other.back() = other.back() == '0' ? '1' : '0';
  ASSERT_TRUE(cache_.write(id_, kHash, "image-fill-64x64", "a"));
  ASSERT_TRUE(cache_.write(id_, kHash, "image-crop-64x64", "b"));
  ASSERT_TRUE(cache_.write(id_, other, "image-fill-64x64", "c"));
  int shard = std::stoi(kHash.substr(0, 2), nullptr, 16);
  EXPECT_THAT(*cache_.contents(id_, shard), testing::UnorderedElementsAre(kHash, other));
  EXPECT_EQ(cache_.remove(id_, shard, {kHash}).value_or(0), 2);
  EXPECT_FALSE(cache_.read(id_, kHash, "image-crop-64x64"));
  EXPECT_EQ(cache_.read(id_, other, "image-fill-64x64").value_or(""), "c");
  EXPECT_TRUE(cache_.contents(SpaceId{"zzzzzzzz01234567"}, shard)->empty());
}

}  // namespace
}  // namespace essaim::previewer
