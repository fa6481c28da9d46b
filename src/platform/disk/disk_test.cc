// The promises of Disk, over the machine's file system and over the one that breaks.
#include "platform/disk/disk.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "platform/disk/faults.h"
#include "platform/disk/system.h"
#include "platform/disk/testing.h"

namespace essaim::disk {
namespace {

using ::testing::ElementsAre;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A file system that does not know O_TMPFILE, as some network ones.
class OldSystem final : public System {
 public:
  int open(const std::string& path, int flags, mode_t mode) override {
    if ((flags & O_TMPFILE) == O_TMPFILE) {
      errno = EOPNOTSUPP;
      return -1;
    }
    return System::open(path, flags, mode);
  }
};

enum class Which { local, old, faults };

class DiskTest : public ::testing::TestWithParam<Which> {
 protected:
  void SetUp() override {
    switch (GetParam()) {
      case Which::local:
        disk_ = local_disk();
        break;
      case Which::old:
        disk_ = disk_over(std::make_unique<OldSystem>());
        break;
      case Which::faults:
        disk_ = faulty_disk(plan_);
        break;
    }
  }
  std::string at(const std::string& name) { return folder_.path() + "/" + name; }

  TestFolder folder_;
  FaultPlan plan_;
  std::unique_ptr<Disk> disk_;
};

TEST_P(DiskTest, a_file_is_read_before_it_has_a_name_and_after_it_was_given_up) {
  auto file = disk_->create(folder_.path());
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->append(bytes("one, ")));
  auto reader = (*file)->open_read();
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*file)->append(bytes("two")));
  file->reset();
  char found[16];
  ssize_t got = ::read(reader->get(), found, sizeof found);
  EXPECT_EQ(std::string(found, got < 0 ? 0 : static_cast<std::size_t>(got)), "one, two");
  EXPECT_THAT(*disk_->list(folder_.path()), ::testing::IsEmpty());
}

TEST_P(DiskTest, a_new_file_has_no_name_until_it_is_published) {
  auto file = disk_->create(folder_.path());
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->append(bytes("hel")));
  ASSERT_TRUE((*file)->append(bytes("lo")));
  EXPECT_EQ((*file)->size(), 5);
  EXPECT_FALSE(disk_->exists(at("a")));
  ASSERT_TRUE((*file)->publish(at("a")));
  EXPECT_EQ(content(at("a")), "hello");
  file->reset();
  EXPECT_THAT(*disk_->list(folder_.path()), ElementsAre("a"));
}

TEST_P(DiskTest, a_file_that_is_given_up_leaves_nothing) {
  {
    auto file = disk_->create(folder_.path());
    ASSERT_TRUE((*file)->append(bytes("x")));
  }
  EXPECT_TRUE(disk_->list(folder_.path())->empty());
}

TEST_P(DiskTest, publishing_over_the_same_content_is_a_success_and_over_damage_a_repair) {
  for (const char* there : {"same!", "cut"}) {
    std::ofstream(at("a")) << there;
    auto file = disk_->create(folder_.path());
    ASSERT_TRUE((*file)->append(bytes("12345")));
    ASSERT_TRUE((*file)->publish(at("a")));
    EXPECT_EQ(content(at("a")), there == std::string("cut") ? "12345" : "same!");
  }
  EXPECT_THAT(*disk_->list(folder_.path()), ElementsAre("a"));
}

TEST_P(DiskTest, replace_changes_a_whole_file_or_nothing) {
  ASSERT_TRUE(disk_->replace(at("key"), bytes("one")));
  ASSERT_TRUE(disk_->replace(at("key"), bytes("2")));
  EXPECT_EQ(content(at("key")), "2");
  EXPECT_EQ(*disk_->size(at("key")), 1);
  EXPECT_THAT(*disk_->list(folder_.path()), ElementsAre("key"));
}

TEST_P(DiskTest, rewrite_leaves_the_bytes_as_they_are) {
  std::string long_text(200'000, 'w');
  ASSERT_TRUE(disk_->replace(at("wal"), bytes(long_text)));
  ASSERT_TRUE(disk_->rewrite(at("wal")));
  EXPECT_EQ(content(at("wal")), long_text);
}

TEST_P(DiskTest, folders_are_made_with_their_parents_and_removed_with_what_is_in_them) {
  ASSERT_TRUE(disk_->make_folders(at("a/b/c"), Durable::yes));
  ASSERT_TRUE(disk_->make_folders(at("a/b/c"), Durable::yes));
  ASSERT_TRUE(disk_->replace(at("a/b/c/file"), bytes("x")));
  std::filesystem::create_directory_symlink("/usr", at("a/link"));
  ASSERT_TRUE(disk_->remove_tree(at("a")));
  EXPECT_TRUE(disk_->list(folder_.path())->empty());
  EXPECT_TRUE(std::filesystem::exists("/usr"));
  EXPECT_TRUE(disk_->remove_tree(at("a")));
}

TEST_P(DiskTest, a_folder_is_renamed_with_what_is_in_it_but_not_over_another) {
  ASSERT_TRUE(disk_->make_folders(at("new/sub"), Durable::no));
  ASSERT_TRUE(disk_->make_folders(at("full/sub"), Durable::no));
  auto refused = disk_->rename(at("new"), at("full"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::exists);
  ASSERT_TRUE(disk_->rename(at("new"), at("full/moved")));
  EXPECT_TRUE(disk_->exists(at("full/moved/sub")));
}

TEST_P(DiskTest, what_is_not_there_is_not_found) {
  EXPECT_EQ(disk_->open_read(at("no")).error().code, Code::not_found);
  EXPECT_EQ(disk_->size(at("no")).error().code, Code::not_found);
  EXPECT_EQ(disk_->remove(at("no")).error().code, Code::not_found);
  EXPECT_EQ(disk_->rename(at("no"), at("a")).error().code, Code::not_found);
  EXPECT_EQ(disk_->create(at("no")).error().code, Code::not_found);
  EXPECT_EQ(disk_->list(at("no")).error().code, Code::not_found);
}

TEST_P(DiskTest, files_are_for_their_owner_only) {
  ASSERT_TRUE(disk_->replace(at("key"), bytes("one")));
  ASSERT_TRUE(disk_->make_folders(at("f"), Durable::no));
  struct stat found {};
  ASSERT_EQ(::stat(at("key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0077, 0u);
  ASSERT_EQ(::stat(at("f").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0077, 0u);
}

INSTANTIATE_TEST_SUITE_P(systems, DiskTest,
                         ::testing::Values(Which::local, Which::old, Which::faults));

class FaultsTest : public ::testing::Test {
 protected:
  Result<void> put(const std::string& name) {
    auto file = TRY(disk_->create(folder_.path()));
    TRY_VOID(file->append(bytes("content")));
    return file->publish(folder_.path() + "/" + name);
  }
  TestFolder folder_;
  FaultPlan plan_;
  std::unique_ptr<Disk> disk_ = faulty_disk(plan_);
};

TEST_F(FaultsTest, each_call_of_a_publish_can_fail_once_and_the_next_one_works) {
  struct Case {
    Op op;
    int nth;
  };
  for (auto [op, nth] : {Case{Op::open, 1}, Case{Op::write, 1}, Case{Op::sync, 1},
                         Case{Op::link, 1}, Case{Op::sync, 2}}) {
    for (int error : {EIO, ENOSPC}) {
      plan_.fail(op, nth, error, FaultPlan::Lasting::once);
      auto failed = put("a");
      ASSERT_FALSE(failed) << name(op) << nth;
      EXPECT_EQ(failed.error().code, error == EIO ? Code::io : Code::disk_full);
      EXPECT_TRUE(put("a"));
    }
  }
  EXPECT_EQ(plan_.failed(), 10);
}

TEST_F(FaultsTest, a_lasting_fault_lasts_until_it_is_healed) {
  plan_.fail(Op::sync, 1, ENOSPC, FaultPlan::Lasting::from_then_on);
  EXPECT_FALSE(put("a"));
  EXPECT_FALSE(put("b"));
  plan_.heal();
  EXPECT_TRUE(put("c"));
}

TEST_F(FaultsTest, the_trace_tells_what_happened_in_order) {
  plan_.record();
  ASSERT_TRUE(put("a"));
  plan_.note(7);
  ASSERT_TRUE(disk_->rename(folder_.path() + "/a", folder_.path() + "/b"));
  std::vector<Event::Kind> kinds;
  auto trace = plan_.take_trace();
  for (const Event& event : trace) kinds.push_back(event.kind);
  using Kind = Event::Kind;
  EXPECT_THAT(kinds, ElementsAre(Kind::create, Kind::write, Kind::sync, Kind::link,
                                 Kind::sync_folder, Kind::note, Kind::rename, Kind::sync_folder));
  EXPECT_EQ(trace[1].bytes.size(), 7u);
  EXPECT_EQ(trace[1].file, trace[3].file);
  EXPECT_EQ(plan_.seen(Op::sync), 3);
}

}  // namespace
}  // namespace essaim::disk
