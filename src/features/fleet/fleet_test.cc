#include "features/fleet/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "features/fleet/internal/testing.h"

namespace essaim::fleet {
namespace {

using internal::new_space;
using testing::ElementsAre;
using testing::IsEmpty;

class FleetTest : public testing::Test {
 protected:
  FleetTest() { EXPECT_TRUE(machine_.start()); }
  void restart() {
    machine_.stop();
    ASSERT_TRUE(machine_.start());
  }
  SpaceId create(const std::string& slug) {
    auto made = machine_.fleet->create_space(new_space(slug));
    EXPECT_TRUE(made) << made.error().detail;
    return made->id;
  }
  State state_of(const SpaceId& id) { return machine_.registry->show(id)->state; }

  disk::TestFolder folder_;
  internal::TestFleet machine_{folder_.path()};
};

TEST_F(FleetTest, a_created_space_is_there_at_once_and_after_a_restart) {
  auto wanted = new_space("voile", {"voile.fr"});
  wanted.quota_bytes = 12'345;
  wanted.accounts_max = 50;
  auto made = machine_.fleet->create_space(wanted);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->state, State::ready);
  EXPECT_THAT(made->hosts, ElementsAre("voile.example.org", "voile.fr"));
  EXPECT_EQ(machine_.registry->find_host("voile.fr")->id, made->id);
  restart();
  EXPECT_EQ(machine_.registry->find_host("voile.fr")->id, made->id);
  auto plan = machine_.fleet->read(made->id, [](store::ReadTx& tx) {
    return Result<std::pair<ByteCount, int>>({store::quota(tx), store::accounts_max(tx)});
  });
  EXPECT_EQ(*plan, std::pair(ByteCount{12'345}, 50));
  EXPECT_THAT(machine_.fleet->check_space(*made), IsEmpty());
  EXPECT_THAT(*machine_.fleet->check_directories(), IsEmpty());
}

TEST_F(FleetTest, a_refused_creation_leaves_nothing) {
  create("voile");
  EXPECT_EQ(machine_.fleet->create_space(new_space("voile")).error().code, Code::exists);
  EXPECT_EQ(machine_.fleet->create_space(new_space("a b")).error().code, Code::bad_request);
  auto wanted = new_space("rugby");
  wanted.accounts_max = 0;
  EXPECT_EQ(machine_.fleet->create_space(wanted).error().code, Code::bad_request);
  wanted.accounts_max = store::kAccountsMax + 1;
  EXPECT_EQ(machine_.fleet->create_space(wanted).error().code, Code::bad_request);
  wanted.accounts_max = 1;
  wanted.quota_bytes = -1;
  EXPECT_EQ(machine_.fleet->create_space(wanted).error().code, Code::bad_request);
  EXPECT_EQ(machine_.registry->list().size(), 1U);
  EXPECT_THAT(*machine_.fleet->check_directories(), IsEmpty());
}

TEST_F(FleetTest, many_are_created_at_once) {
  std::vector<NewSpace> wanted;
  for (int i = 0; i < 600; ++i) wanted.push_back(new_space("s" + std::to_string(i)));
  auto bulk = machine_.fleet->create_many(wanted);
  EXPECT_EQ(bulk.created, 600);
  EXPECT_FALSE(bulk.error);
  EXPECT_THAT(*machine_.fleet->check_directories(), IsEmpty());
  // The first group is made, the second refused whole.
  for (int i = 0; i < 500; ++i) wanted[static_cast<std::size_t>(i)].slug = "t" + std::to_string(i);
  bulk = machine_.fleet->create_many(wanted);
  EXPECT_EQ(bulk.created, 500);
  ASSERT_TRUE(bulk.error);
  EXPECT_EQ(bulk.error->code, Code::exists);
  EXPECT_EQ(machine_.registry->list().size(), 1'100U);
  EXPECT_THAT(*machine_.fleet->check_directories(), IsEmpty());
}

TEST_F(FleetTest, states_change_as_an_operator_says_and_no_other_way) {
  auto id = create("voile");
  auto& fleet = *machine_.fleet;
  ASSERT_TRUE(fleet.suspend("voile", Closed::for_writes, "moving"));
  EXPECT_EQ(state_of(id), State::suspended_read_only);
  EXPECT_EQ(machine_.registry->show(id)->reason, "moving");
  ASSERT_TRUE(fleet.suspend("voile", Closed::for_all, ""));
  EXPECT_EQ(state_of(id), State::suspended);
  ASSERT_TRUE(fleet.resume("voile"));
  ASSERT_TRUE(fleet.resume("voile"));
  EXPECT_EQ(state_of(id), State::ready);
  ASSERT_TRUE(fleet.delete_space("voile"));
  EXPECT_EQ(fleet.delete_space("voile").error().code, Code::conflict);
  EXPECT_EQ(fleet.suspend("voile", Closed::for_all, "").error().code, Code::conflict);
  ASSERT_TRUE(fleet.resume("voile"));
  EXPECT_EQ(state_of(id), State::ready);
  EXPECT_EQ(fleet.resume("nobody").error().code, Code::not_found);
  EXPECT_EQ(fleet.delete_space("nobody").error().code, Code::not_found);
}

TEST_F(FleetTest, a_deleted_space_goes_after_thirty_days_and_not_before) {
  auto id = create("voile");
  create("rugby");
  ASSERT_TRUE(machine_.put(id, "content"));
  ASSERT_TRUE(machine_.fleet->delete_space("voile"));
  machine_.clock.advance(std::chrono::hours(24 * 30) - std::chrono::seconds(1));
  EXPECT_EQ(*machine_.fleet->expire(10), 0);
  ASSERT_TRUE(machine_.fleet->resume("voile"));
  EXPECT_TRUE(machine_.has(id, "content"));
  ASSERT_TRUE(machine_.fleet->delete_space("voile"));
  machine_.clock.advance(std::chrono::hours(24 * 30));
  EXPECT_EQ(*machine_.fleet->expire(10), 1);
  EXPECT_FALSE(std::filesystem::exists(machine_.layout.folder(id)));
  EXPECT_EQ(machine_.fleet->resume("voile").error().code, Code::not_found);
  EXPECT_THAT(*machine_.fleet->check_directories(), IsEmpty());
  EXPECT_NE(create("voile"), id);
  EXPECT_EQ(*machine_.fleet->expire(10), 0);
}

TEST_F(FleetTest, a_damaged_space_freezes_and_thaws_when_it_is_whole_again) {
  auto id = create("voile");
  create("rugby");
  machine_.stop();
  auto database = machine_.layout.database(id);
  std::filesystem::copy_file(database, folder_.path() + "/kept.db");
  {
    std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 2; page < 20; ++page) {
      file.seekp(page * 4096);
      file << std::string(100, '\x7f');
    }
  }
  ASSERT_TRUE(machine_.start());
  EXPECT_THAT(machine_.fleet->check_space(*machine_.registry->show(id)),
              ElementsAre(testing::HasSubstr("database: ")));
  EXPECT_EQ(state_of(id), State::frozen);
  EXPECT_EQ(machine_.fleet->resume("voile").error().code, Code::corrupt);
  EXPECT_EQ(machine_.fleet->export_space("voile").error().code, Code::closed);
  EXPECT_THAT(machine_.fleet->check_space(*machine_.registry->show("rugby")), IsEmpty());
  machine_.stop();
  std::filesystem::rename(folder_.path() + "/kept.db", database);
  ASSERT_TRUE(machine_.start());
  ASSERT_TRUE(machine_.fleet->resume("voile"));
  EXPECT_EQ(state_of(id), State::ready);
}

TEST_F(FleetTest, the_registry_and_the_directories_are_compared) {
  auto id = create("voile");
  std::filesystem::rename(machine_.layout.folder(id), machine_.layout.data() + "/elsewhere");
  std::filesystem::create_directories(machine_.layout.data() + "/spaces/zz/zzzzzzzzzzzzzzzz");
  EXPECT_THAT(*machine_.fleet->check_directories(),
              ElementsAre("space voile has no directory",
                          "directory zzzzzzzzzzzzzzzz belongs to no space"));
  EXPECT_THAT(machine_.fleet->check_space(*machine_.registry->show(id)),
              ElementsAre("its directory is missing"));
}

TEST_F(FleetTest, a_write_that_fails_is_undone) {
  auto id = create("voile");
  auto refused = machine_.fleet->write(id, [](store::WriteTx& tx) -> Result<int> {
    store::set_name(tx, "changed");
    return fail(Code::conflict, "no");
  });
  EXPECT_EQ(refused.error().code, Code::conflict);
  auto name = machine_.fleet->read(
      id, [](store::ReadTx& tx) { return Result<std::string>(store::name(tx)); });
  EXPECT_EQ(*name, "Club voile");
  auto missing = machine_.fleet->read(SpaceId{"zzzzzzzzzzzzzzzz"},
                                      [](store::ReadTx&) { return Result<int>(1); });
  EXPECT_FALSE(missing);
}

}  // namespace
}  // namespace essaim::fleet
