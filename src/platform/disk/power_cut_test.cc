// The model of a power cut, on conversations with the disk whose outcome is known.
#include "platform/disk/power_cut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "platform/disk/testing.h"

namespace essaim::disk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

class PowerCutTest : public ::testing::Test {
 protected:
  PowerCutTest() { plan_.record(); }
  std::string at(const std::string& name) { return folder_.path() + "/" + name; }

  // What a file may hold if the power goes after the last event; "-" when it may be missing.
  std::set<std::string> may_hold(const std::string& name) {
    trace_ = plan_.take_trace();
    PowerCut cut(trace_, folder_.path());
    while (cut.advance()) {
    }
    std::set<std::string> found;
    cut.visit(1, 100, [&](std::string_view, const Image& image) {
      auto file = image.find("/" + name);
      if (file == image.end()) {
        found.insert("-");
      } else if (!file->second) {
        found.insert("folder");
      } else {
        auto* text = reinterpret_cast<const char*>(file->second->bytes.data());
        found.emplace(text, file->second->bytes.size());
      }
    });
    return found;
  }

  TestFolder folder_;
  FaultPlan plan_;
  std::unique_ptr<Disk> disk_ = faulty_disk(plan_);
  Trace trace_;
};

TEST_F(PowerCutTest, a_published_file_is_there_whole) {
  auto file = disk_->create(folder_.path());
  ASSERT_TRUE((*file)->append(bytes("hello")));
  ASSERT_TRUE((*file)->publish(at("a")));
  EXPECT_THAT(may_hold("a"), ElementsAre("hello"));
}

TEST_F(PowerCutTest, a_file_published_without_care_may_be_missing_or_empty) {
  auto file = disk_->create(folder_.path());
  ASSERT_TRUE((*file)->append(bytes("hello")));
  ASSERT_TRUE((*file)->publish(at("a"), Durable::no));
  EXPECT_THAT(may_hold("a"), ElementsAre("", "-", "hello"));
}

TEST_F(PowerCutTest, a_replaced_file_is_the_old_or_the_new_one) {
  ASSERT_TRUE(disk_->replace(at("a"), bytes("old")));
  plan_.fail(Op::sync, 2, EIO, FaultPlan::Lasting::once);
  EXPECT_FALSE(disk_->replace(at("a"), bytes("new")));
  EXPECT_THAT(may_hold("a"), ElementsAre("new", "old"));
}

TEST_F(PowerCutTest, a_file_in_a_folder_whose_name_is_not_durable_may_be_lost_with_it) {
  ASSERT_TRUE(disk_->make_folders(at("f"), Durable::no));
  auto file = disk_->create(at("f"));
  ASSERT_TRUE((*file)->publish(at("f/a")));
  EXPECT_THAT(may_hold("f/a"), ElementsAre("", "-"));
}

TEST_F(PowerCutTest, a_renamed_folder_takes_its_files_along) {
  ASSERT_TRUE(disk_->make_folders(at("new"), Durable::yes));
  auto file = disk_->create(at("new"));
  ASSERT_TRUE((*file)->publish(at("new/a")));
  ASSERT_TRUE(disk_->rename(at("new"), at("final")));
  EXPECT_THAT(may_hold("final/a"), ElementsAre(""));
}

TEST_F(PowerCutTest, a_removed_file_may_still_be_there) {
  ASSERT_TRUE(disk_->replace(at("a"), bytes("old")));
  ASSERT_TRUE(disk_->remove(at("a")));
  EXPECT_THAT(may_hold("a"), ElementsAre("-", "old"));
}

TEST_F(PowerCutTest, an_fsync_that_works_after_one_that_failed_proves_nothing) {
  auto file = disk_->create(folder_.path());
  ASSERT_TRUE((*file)->append(bytes("hello")));
  plan_.fail(Op::sync, 1, EIO, FaultPlan::Lasting::once);
  EXPECT_FALSE((*file)->publish(at("a")));
  ASSERT_TRUE((*file)->publish(at("a")));
  EXPECT_THAT(may_hold("a"), ElementsAre("", "hello"));
}

TEST_F(PowerCutTest, writing_the_same_bytes_again_repairs_a_failed_fsync) {
  auto file = disk_->create(folder_.path());
  ASSERT_TRUE((*file)->append(bytes("hello")));
  plan_.fail(Op::sync, 1, EIO, FaultPlan::Lasting::once);
  EXPECT_FALSE((*file)->publish(at("a")));
  ASSERT_TRUE((*file)->publish(at("a")));
  ASSERT_TRUE(disk_->rewrite(at("a")));
  EXPECT_THAT(may_hold("a"), ElementsAre("hello"));
}

TEST_F(PowerCutTest, a_long_write_may_be_torn_between_sectors) {
  std::string text(1'024, 'x');
  ASSERT_TRUE(disk_->replace(at("a"), bytes(std::string(1'024, 'o'))));
  auto file = disk_->create(folder_.path());
  ASSERT_TRUE((*file)->append(bytes(text)));
  ASSERT_TRUE((*file)->publish(at("b"), Durable::no));
  ASSERT_TRUE(disk_->sync_folder(folder_.path()));
  auto found = may_hold("b");
  EXPECT_THAT(found, Contains(text));
  EXPECT_THAT(found, Contains(""));
  EXPECT_EQ(found.size(), 3u);
}

}  // namespace
}  // namespace essaim::disk
