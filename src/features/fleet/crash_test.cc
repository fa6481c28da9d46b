// What a restart finds after the disk broke, or the power went, at any step of a creation or a
// restore.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include "features/fleet/internal/testing.h"
#include "platform/disk/power_cut.h"

namespace essaim::fleet {
namespace {

using disk::FaultPlan;
using disk::Op;
using internal::new_space;
using internal::TestFleet;
using testing::IsEmpty;

constexpr int kFaultsMax = 400;

// Runs `act` again and again on a fresh machine, each time with one more operation of a kind done
// before the first that fails, until it succeeds without a fault; `judge` looks at what a restart
// finds.
template <class Prepare, class Act, class Judge>
void break_everywhere(Prepare prepare, Act act, Judge judge) {
  for (auto lasting : {FaultPlan::Lasting::once, FaultPlan::Lasting::from_then_on}) {
    for (int kind = 0; kind < disk::kOps; ++kind) {
      auto op = static_cast<Op>(kind);
      int nth = 1;
      for (;; ++nth) {
        ASSERT_LT(nth, kFaultsMax) << disk::name(op);
        disk::TestFolder folder;
        TestFleet machine(folder.path());
        ASSERT_TRUE(machine.start());
        prepare(machine);
        auto failed_before = machine.plan.failed();
        machine.plan.fail(op, nth, nth % 2 == 0 ? EIO : ENOSPC, lasting);
        bool acknowledged = act(machine);
        bool broke = machine.plan.failed() > failed_before;
        machine.stop();
        machine.plan.heal();
        ASSERT_TRUE(machine.start()) << disk::name(op) << " " << nth;
        judge(machine, acknowledged);
        if (testing::Test::HasFailure()) {
          ADD_FAILURE() << "after " << disk::name(op) << " number " << nth;
          return;
        }
        if (!broke) break;
      }
    }
  }
}

void expect_tidy(TestFleet& machine) {
  EXPECT_THAT(*machine.fleet->check_directories(), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(machine.layout.data() + "/staging"));
  for (const auto& record : machine.registry->list()) {
    EXPECT_EQ(record.state, State::ready);
    EXPECT_THAT(machine.fleet->check_space(record), IsEmpty()) << record.slug;
  }
}

TEST(FleetCrash, a_creation_that_broke_anywhere_is_whole_or_gone) {
  auto nothing = [](TestFleet&) {};
  auto create = [](TestFleet& machine) {
    return machine.fleet->create_space(new_space("voile", {"voile.fr"})).has_value();
  };
  break_everywhere(nothing, create, [](TestFleet& machine, bool acknowledged) {
    expect_tidy(machine);
    bool there = machine.registry->find_slug("voile").has_value();
    if (acknowledged) {
      EXPECT_TRUE(there);
    }
    if (!there) {
      EXPECT_TRUE(machine.fleet->create_space(new_space("voile", {"voile.fr"})));
    }
  });
}

TEST(FleetCrash, a_bulk_creation_that_broke_anywhere_is_whole_or_gone) {
  std::vector<NewSpace> wanted{new_space("a"), new_space("b"), new_space("c")};
  auto nothing = [](TestFleet&) {};
  auto create = [&](TestFleet& machine) { return machine.fleet->create_many(wanted).created == 3; };
  break_everywhere(nothing, create, [&](TestFleet& machine, bool acknowledged) {
    expect_tidy(machine);
    if (acknowledged) {
      EXPECT_EQ(machine.registry->list().size(), 3U);
    }
    for (const auto& space : wanted) {
      if (!machine.registry->find_slug(space.slug)) {
        EXPECT_TRUE(machine.fleet->create_space(space));
      }
    }
  });
}

class FleetCrashRestore : public testing::Test {
 protected:
  FleetCrashRestore() {
    disk::TestFolder folder;
    TestFleet machine(folder.path());
    EXPECT_TRUE(machine.start());
    id_ = machine.fleet->create_space(new_space("voile"))->id;
    EXPECT_TRUE(machine.put(id_, old_));
    tar_ = machine.export_all("voile").value_or("");
  }
  // A live space that is newer than the copy.
  void prepare(TestFleet& machine) {
    EXPECT_TRUE(machine.import_all(tar_));
    EXPECT_TRUE(machine.put(id_, new_));
  }
  void judge(TestFleet& machine, bool acknowledged) {
    expect_tidy(machine);
    EXPECT_TRUE(machine.has(id_, old_));
    if (acknowledged) {
      EXPECT_FALSE(machine.has(id_, new_));
    }
    EXPECT_EQ(machine.registry->list().size(), 1U);
  }

  SpaceId id_;
  std::string tar_;
  const std::string old_ = std::string(40'000, 'o');
  const std::string new_ = std::string(50'000, 'n');
};

TEST_F(FleetCrashRestore, a_restore_that_broke_anywhere_leaves_the_old_or_the_new) {
  break_everywhere([&](TestFleet& machine) { prepare(machine); },
                   [&](TestFleet& machine) { return machine.import_all(tar_).has_value(); },
                   [&](TestFleet& machine, bool done) { judge(machine, done); });
}

TEST_F(FleetCrashRestore, an_import_that_broke_anywhere_is_whole_or_gone) {
  break_everywhere([](TestFleet&) {},
                   [&](TestFleet& machine) { return machine.import_all(tar_).has_value(); },
                   [&](TestFleet& machine, bool done) {
                     expect_tidy(machine);
                     bool there = machine.registry->find_slug("voile").has_value();
                     if (done) {
                       EXPECT_TRUE(there);
                     }
                     if (there) {
                       EXPECT_TRUE(machine.has(id_, old_));
                     }
                     if (!there) {
                       EXPECT_TRUE(machine.import_all(tar_));
                     }
                   });
}

// Writes an image of a disk into a folder.
void lay_out(const disk::Image& image, const std::string& folder) {
  for (const auto& [path, content] : image) {
    auto full = folder + "/" + path;
    if (!content) {
      std::filesystem::create_directories(full);
      continue;
    }
    std::filesystem::create_directories(std::filesystem::path(full).parent_path());
    std::ofstream file(full, std::ios::binary);
    file.write(reinterpret_cast<const char*>(content->bytes.data()),
               static_cast<std::streamsize>(content->bytes.size()));
  }
}

// Plays a recorded run up to each of its events, cuts the power, and lets `judge` start a fleet on
// what may be left. `said` is the last note the run had made.
template <class Judge>
int cut_everywhere(const disk::Trace& trace, const std::string& root, Judge judge) {
  disk::PowerCut cut(trace, root);
  std::uint64_t said = 0;
  int images = 0;
  while (cut.advance()) {
    if (cut.last().kind == disk::Event::Kind::note) said = cut.last().file;
    if (!cut.changed()) continue;
    cut.visit(static_cast<std::uint64_t>(images), 3,
              [&](std::string_view what, const disk::Image& image) {
                if (testing::Test::HasFailure()) return;
                ++images;
                disk::TestFolder folder;
                lay_out(image, folder.path());
                TestFleet machine(folder.path());
                bool started = machine.start();
                if (!started) {
                  // Only a registry that was never finished: nothing was promised yet.
                  EXPECT_EQ(said, 0U) << what;
                  return;
                }
                judge(machine, said);
                if (testing::Test::HasFailure()) ADD_FAILURE() << "power cut: " << what;
              });
  }
  return images;
}

TEST(FleetPowerCut, a_creation_is_whole_or_gone_and_there_once_acknowledged) {
  disk::TestFolder folder;
  TestFleet machine(folder.path());
  machine.plan.record();
  ASSERT_TRUE(machine.start());
  machine.plan.note(1);
  ASSERT_TRUE(machine.fleet->create_space(new_space("voile")));
  machine.plan.note(2);
  ASSERT_EQ(machine.fleet->create_many(std::vector{new_space("a"), new_space("b")}).created, 2);
  machine.plan.note(3);
  auto trace = machine.plan.take_trace();
  machine.stop();
  int images = cut_everywhere(trace, folder.path(), [](TestFleet& after, std::uint64_t said) {
    expect_tidy(after);
    if (said >= 2) {
      EXPECT_TRUE(after.registry->find_slug("voile"));
    }
    if (said >= 3) {
      EXPECT_TRUE(after.registry->find_slug("a") && after.registry->find_slug("b"));
    }
  });
  EXPECT_GT(images, 100);
  RecordProperty("images", images);
}

TEST_F(FleetCrashRestore, a_power_cut_during_a_restore_leaves_the_old_or_the_new) {
  disk::TestFolder folder;
  TestFleet machine(folder.path());
  machine.plan.record();
  ASSERT_TRUE(machine.start());
  prepare(machine);
  machine.plan.note(1);
  ASSERT_TRUE(machine.import_all(tar_));
  machine.plan.note(2);
  auto trace = machine.plan.take_trace();
  machine.stop();
  int images = cut_everywhere(trace, folder.path(), [&](TestFleet& after, std::uint64_t said) {
    if (said >= 1) judge(after, said >= 2);
  });
  EXPECT_GT(images, 100);
  RecordProperty("images", images);
}

}  // namespace
}  // namespace essaim::fleet
