#include "features/fleet/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "features/fleet/internal/testing.h"

namespace essaim::fleet {
namespace {

using internal::new_space;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ImportTest : public testing::Test {
 protected:
  ImportTest() {
    EXPECT_TRUE(machine_.start());
    auto made = machine_.fleet->create_space(new_space("voile", {"voile.fr"}));
    EXPECT_TRUE(made);
    voile_ = made->id;
  }
  void put(const std::string& content) { ASSERT_TRUE(machine_.put(voile_, content)); }
  std::string copy() {
    auto tar = machine_.export_all("voile");
    EXPECT_TRUE(tar) << tar.error().detail;
    return tar.value_or("");
  }
  std::size_t staged() {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_.path() + "/staging"), {}));
  }
  Seq last_seq(const SpaceId& id) {
    auto read = machine_.fleet->read(id, [](store::ReadTx& tx) -> Result<Seq> {
      auto rows = tx.query("SELECT value FROM meta WHERE key = 'seq'");
      return rows.next() ? rows.int64(0) : -1;
    });
    return *read;
  }
  std::int64_t next_member_id(const SpaceId& id) {
    auto read = machine_.fleet->write(id, [](store::WriteTx& tx) -> Result<std::int64_t> {
      tx.execute(
          "INSERT INTO member(uid, display, role, created_at) VALUES (hex(randomblob(8)), 'x', 2, "
          "0)");
      return tx.last_insert_rowid();
    });
    return *read;
  }

  disk::TestFolder folder_;
  internal::TestFleet machine_{folder_.path()};
  SpaceId voile_;
  const std::string small_ = "small";
  const std::string large_ = std::string(200'000, 'x');
};

TEST_F(ImportTest, a_space_comes_in_whole_on_another_machine) {
  put(small_);
  put(large_);
  auto tar = copy();
  disk::TestFolder other_folder;
  internal::TestFleet other(other_folder.path());
  ASSERT_TRUE(other.start());
  for (std::size_t piece : {std::size_t{1'000'000}, std::size_t{513}}) {
    auto done = other.import_all(tar, piece == 513 ? "second" : "", piece);
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_TRUE(other.has(done->space.id, small_));
    EXPECT_TRUE(other.has(done->space.id, large_));
    EXPECT_THAT(other.fleet->check_space(done->space), IsEmpty());
  }
  auto moved = *other.registry->show("voile");
  EXPECT_EQ(moved.id, voile_);
  EXPECT_THAT(moved.hosts, ElementsAre("voile.example.org", "voile.fr"));
  EXPECT_EQ(moved.display_name, "Club voile");
  EXPECT_EQ(moved.created.seconds(), machine_.registry->show("voile")->created.seconds());
  EXPECT_EQ(other.facts(voile_).instance_id, machine_.facts(voile_).instance_id);
  EXPECT_NE(other.facts(voile_).epoch, machine_.facts(voile_).epoch);
  EXPECT_EQ(other.facts(voile_).fingerprint, other.facts(voile_).epoch);
  EXPECT_GT(last_seq(voile_) + 1'000'000, 0);
}

TEST_F(ImportTest, a_copy_beside_the_original_is_another_space) {
  put(large_);
  auto done = machine_.import_all(copy(), "copie");
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done->outcome, Import::Outcome::copied);
  EXPECT_NE(done->space.id, voile_);
  EXPECT_THAT(done->space.hosts, ElementsAre("copie.example.org"));
  EXPECT_TRUE(machine_.has(done->space.id, large_));
  EXPECT_NE(machine_.facts(done->space.id).instance_id, machine_.facts(voile_).instance_id);
  EXPECT_EQ(machine_.registry->find_host("voile.fr")->id, voile_);
}

TEST_F(ImportTest, a_restore_starts_a_new_epoch_above_everything_that_was) {
  put(small_);
  auto tar = copy();
  auto before = machine_.facts(voile_);
  put(large_);
  for (int i = 0; i < 5; ++i) (void)next_member_id(voile_);
  auto ids_before = next_member_id(voile_);
  auto raised = machine_.fleet->write(voile_, [](store::WriteTx& tx) -> Result<int> {
    tx.execute("UPDATE meta SET value = 5000 WHERE key = 'seq'");
    return 0;
  });
  ASSERT_TRUE(raised);
  auto done = machine_.import_all(tar);
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done->outcome, Import::Outcome::restored);
  EXPECT_EQ(done->space.id, voile_);
  EXPECT_TRUE(machine_.has(voile_, small_));
  EXPECT_FALSE(machine_.has(voile_, large_));
  EXPECT_NE(machine_.facts(voile_).epoch, before.epoch);
  EXPECT_EQ(machine_.facts(voile_).fingerprint, machine_.facts(voile_).epoch);
  EXPECT_EQ(machine_.facts(voile_).instance_id, before.instance_id);
  EXPECT_EQ(last_seq(voile_), 5'000);
  EXPECT_GT(next_member_id(voile_), ids_before);
  EXPECT_EQ(staged(), 0U);
}

TEST_F(ImportTest, counters_leap_when_the_live_space_cannot_be_read) {
  auto tar = copy();
  auto seq = last_seq(voile_);
  machine_.stop();
  std::filesystem::remove(machine_.layout.database(voile_));
  ASSERT_TRUE(machine_.start());
  ASSERT_TRUE(machine_.import_all(tar));
  EXPECT_EQ(last_seq(voile_), seq + store::kRenewalGap);
  EXPECT_GT(next_member_id(voile_), store::kRenewalGap);
}

TEST_F(ImportTest, what_a_restore_replaced_is_kept_for_seven_days) {
  put(large_);
  auto tar = copy();
  ASSERT_TRUE(machine_.import_all(tar));
  auto aside = folder_.path() + "/aside";
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(aside), {}), 1);
  machine_.clock.advance(std::chrono::hours(24 * 7) - std::chrono::seconds(1));
  EXPECT_EQ(*machine_.fleet->expire(10), 0);
  machine_.clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(*machine_.fleet->expire(10), 1);
  EXPECT_TRUE(std::filesystem::is_empty(aside));
  EXPECT_TRUE(machine_.has(voile_, large_));
}

TEST_F(ImportTest, a_restore_opens_what_was_frozen_or_deleted_and_nothing_an_operator_closed) {
  auto tar = copy();
  auto after = [&](auto change) {
    EXPECT_TRUE(change());
    auto done = machine_.import_all(tar);
    EXPECT_TRUE(done) << done.error().detail;
    auto state = machine_.registry->show("voile")->state;
    EXPECT_TRUE(machine_.fleet->resume("voile"));
    return state;
  };
  auto& fleet = *machine_.fleet;
  EXPECT_EQ(after([&] { return fleet.delete_space("voile"); }), State::ready);
  EXPECT_EQ(after([&] { return machine_.registry->set_state(voile_, State::frozen, "x"); }),
            State::ready);
  EXPECT_EQ(after([&] { return fleet.suspend("voile", Closed::for_all, ""); }), State::suspended);
}

TEST_F(ImportTest, writes_go_on_while_a_copy_is_taken) {
  // More than one slice of the copy.
  auto filled = machine_.fleet->write(voile_, [](store::WriteTx& tx) -> Result<int> {
    tx.execute("INSERT INTO meta(key, value) VALUES ('filler', zeroblob(20000000))");
    return 0;
  });
  ASSERT_TRUE(filled) << filled.error().detail;
  std::atomic<bool> over = false;
  int written = 0;
  std::thread writer([&] {
    while (!over) {
      ASSERT_TRUE(machine_.put(voile_, "content " + std::to_string(written)));
      ++written;
    }
  });
  while (written < 3) std::this_thread::yield();
  std::vector<std::string> copies;
  for (int i = 0; i < 3; ++i) copies.push_back(copy());
  over = true;
  writer.join();
  for (const auto& tar : copies) {
    auto done = machine_.import_all(tar);
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_TRUE(machine_.has(voile_, "content 2"));
    EXPECT_THAT(machine_.fleet->check_space(done->space), IsEmpty());
  }
}

TEST_F(ImportTest, one_command_at_a_time_moves_a_space) {
  auto tar = copy();
  auto source = machine_.fleet->export_space("voile");
  ASSERT_TRUE(source);
  EXPECT_EQ(machine_.import_all(tar).error().code, Code::locked);
  EXPECT_EQ(machine_.fleet->export_space("voile").error().code, Code::locked);
  ASSERT_TRUE(machine_.fleet->delete_space("voile"));
  machine_.clock.advance(std::chrono::hours(24 * 31));
  EXPECT_EQ(*machine_.fleet->expire(10), 0) << "still being copied";
  source->reset();
  EXPECT_EQ(*machine_.fleet->expire(10), 1);
  EXPECT_EQ(staged(), 0U);
}

TEST_F(ImportTest, an_import_that_is_dropped_at_any_point_leaves_nothing) {
  put(large_);
  auto tar = copy();
  for (std::size_t at = 0; at < tar.size(); at += 7'777) {
    auto import = machine_.fleet->begin_import("x");
    ASSERT_TRUE(import);
    ASSERT_TRUE((*import)->write(std::as_bytes(std::span(tar).first(at))));
    import->reset();
    ASSERT_EQ(staged(), 0U);
  }
  EXPECT_EQ(machine_.registry->list().size(), 1U);
}

TEST_F(ImportTest, a_tar_cut_anywhere_is_refused) {
  put(large_);
  auto tar = copy();
  // Up to the end of the last content: what follows is padding and the two empty blocks.
  auto whole = tar.size() - 1'024 - (512 - large_.size() % 512);
  for (std::size_t at = 0; at < whole; at += 4'999) {
    auto done = machine_.import_all(tar.substr(0, at), "x");
    ASSERT_FALSE(done) << at;
    EXPECT_FALSE(done.error().detail.empty());
    ASSERT_EQ(staged(), 0U);
  }
}

TEST_F(ImportTest, a_tar_with_any_bit_flipped_is_refused_or_means_the_same) {
  put(large_);
  auto tar = copy();
  for (std::size_t at = 3; at < tar.size(); at += 1'987) {
    auto bent = tar;
    bent[at] = static_cast<char>(bent[at] ^ 0x10);
    auto done = machine_.import_all(bent, "x");
    if (done) {
      EXPECT_TRUE(machine_.has(done->space.id, large_)) << at;
      ASSERT_TRUE(machine_.fleet->delete_space("x"));
      machine_.clock.advance(std::chrono::hours(24 * 31));
      ASSERT_EQ(*machine_.fleet->expire(10), 1);
    }
    ASSERT_EQ(staged(), 0U);
  }
}

TEST_F(ImportTest, a_content_that_rotted_ends_the_copy) {
  put(large_);
  auto hash = secrets::sha256_hex(large_);
  auto path = machine_.blobs->path(voile_, hash);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  {
    std::FILE* file = std::fopen(path.c_str(), "r+");
    std::fputs("rot", file);
    std::fclose(file);
  }
  auto tar = machine_.export_all("voile");
  ASSERT_FALSE(tar);
  EXPECT_EQ(tar.error().code, Code::corrupt);
  EXPECT_THAT(tar.error().detail, HasSubstr(hash));
  EXPECT_EQ(staged(), 0U);
}

TEST_F(ImportTest, a_slug_that_is_taken_is_refused) {
  auto tar = copy();
  ASSERT_TRUE(machine_.fleet->create_space(new_space("rugby")));
  EXPECT_EQ(machine_.import_all(tar, "rugby").error().code, Code::exists);
  EXPECT_EQ(machine_.fleet->begin_import("Bad Slug").error().code, Code::bad_request);
  disk::TestFolder other_folder;
  internal::TestFleet other(other_folder.path());
  ASSERT_TRUE(other.start());
  ASSERT_TRUE(other.fleet->create_space(new_space("voile")));
  EXPECT_EQ(other.import_all(tar).error().code, Code::exists);
  ASSERT_TRUE(other.fleet->create_space(new_space("rugby", {"voile.fr"})));
  auto host = other.import_all(tar, "ballon");
  EXPECT_EQ(host.error().code, Code::exists);
  EXPECT_THAT(host.error().detail, HasSubstr("voile.fr"));
  EXPECT_THAT(*other.fleet->check_directories(), IsEmpty());
}

}  // namespace
}  // namespace essaim::fleet
