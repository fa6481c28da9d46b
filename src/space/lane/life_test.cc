// The life of a space in its lane: opened, closed, held, frozen, over every engine.
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "space/lane/internal/testing.h"

namespace essaim::lane {
namespace {

class LifeTest : public LanesTest {};

TEST_P(LifeTest, a_held_space_is_closed_and_refuses_until_released) {
  Lanes& lanes = start();
  EXPECT_EQ(rows(a_), 0);
  EXPECT_TRUE(wait(&Lanes::hold, a_));
  EXPECT_EQ(lanes.counters().open_spaces, 0);
  auto fate = read(a_, [](ReadTx&) {});
  ASSERT_FALSE(fate);
  EXPECT_EQ(fate.error().code, Code::closed);
  lanes.release(a_);
  EXPECT_EQ(rows(a_), 0);
}

TEST_P(LifeTest, a_corrupt_space_is_frozen_and_told_once) {
  Lanes& lanes = start();
  {
    std::FILE* file = std::fopen(layout_.database(a_).c_str(), "r+b");
    ASSERT_NE(file, nullptr);
    std::fputs("this is not a database at all", file);
    std::fclose(file);
  }
  for (int i = 0; i < 2; ++i) {
    auto fate = read(a_, [](ReadTx&) {});
    ASSERT_FALSE(fate);
    EXPECT_EQ(fate.error().code, Code::closed);
  }
  EXPECT_EQ(corrupt_.size(), 1u);
  EXPECT_EQ(rows(b_), 0);
  EXPECT_EQ(lanes.counters().open_spaces, 1);
}

TEST_P(LifeTest, a_space_that_does_not_exist_answers_not_found) {
  start();
  auto fate = read(SpaceId{"zz00000000000000"}, [](ReadTx&) {});
  ASSERT_FALSE(fate);
  EXPECT_EQ(fate.error().code, Code::not_found);
}

TEST_P(LifeTest, no_more_spaces_are_open_than_allowed) {
  Limits limits;
  limits.open_max = 3;
  Lanes& lanes = start(limits);
  std::vector<SpaceId> ids;
  for (int i = 0; i < 8; ++i) {
    ids.push_back(SpaceId{"cc0000000000000" + std::to_string(i)});
    ASSERT_TRUE(
        store::create(*engine_, layout_, ids.back(), {"Voile", kGiB, {}}, disk::Durable::no));
  }
  for (int round = 0; round < 2; ++round) {
    for (const SpaceId& id : ids) {
      EXPECT_TRUE(write(id, [&](WriteTx& tx) {
        insert(tx, round);
        return Verdict::keep;
      }));
      EXPECT_LE(lanes.counters().open_spaces, 3);
    }
  }
  for (const SpaceId& id : ids) EXPECT_EQ(rows(id), 2);
}

TEST_P(LifeTest, an_idle_space_is_checkpointed_then_closed) {
  Limits limits;
  limits.tick = Duration(10);
  limits.checkpoint_idle = Duration(20);
  limits.idle_close = Duration(200);
  Lanes& lanes = start(limits);
  EXPECT_TRUE(write(a_, [](WriteTx& tx) {
    insert(tx, 1);
    return Verdict::keep;
  }));
  for (int i = 0; i < 200 && lanes.counters().open_spaces > 0; ++i) {
    std::this_thread::sleep_for(Duration(10));
  }
  EXPECT_EQ(lanes.counters().checkpoints, 1);
  EXPECT_EQ(lanes.counters().open_spaces, 0);
  EXPECT_EQ(std::filesystem::file_size(layout_.database(a_) + "-wal"), 0u);
  EXPECT_EQ(rows(a_), 1);
}

TEST_P(LifeTest, stopping_finishes_what_was_queued) {
  Lanes& lanes = start();
  std::atomic<int> kept = 0;
  for (int i = 0; i < 100; ++i) {
    lanes.write(
        i % 2 ? a_ : b_,
        [i](WriteTx& tx) {
          insert(tx, i);
          return Verdict::keep;
        },
        [&](Result<void> fate) { kept += fate.has_value(); });
  }
  lanes_.reset();
  EXPECT_EQ(kept, 100);
  start();
  EXPECT_EQ(rows(a_) + rows(b_), 100);
}

TEST_P(LifeTest, a_database_that_turns_out_corrupt_in_a_group_freezes_the_space) {
  Lanes& lanes = start();
  EXPECT_TRUE(wait(&Lanes::close, a_));
  std::filesystem::resize_file(layout_.database(a_), 3 * 4096);
  std::atomic<int> closed = 0;
  constexpr int count = 8;
  for (int i = 0; i < count; ++i) {
    lanes.write(
        a_,
        [i](WriteTx& tx) {
          insert(tx, i);
          return Verdict::keep;
        },
        [&](Result<void> fate) { closed += !fate && fate.error().code == Code::closed; });
  }
  EXPECT_TRUE(wait(&Lanes::close, a_));
  EXPECT_EQ(closed, count);
  EXPECT_EQ(corrupt_.size(), 1u);
}

TEST_P(LifeTest, maintenance_that_finds_damage_freezes_the_space_until_it_is_released) {
  Lanes& lanes = start();
  std::promise<Result<void>> fate;
  lanes.maintain(
      a_, [](store::Space&) -> Result<void> { return fail(Code::corrupt, "hash differs"); },
      [&](Result<void> answer) { fate.set_value(std::move(answer)); });
  EXPECT_EQ(fate.get_future().get().error().code, Code::corrupt);
  EXPECT_EQ(read(a_, [](ReadTx&) {}).error().code, Code::closed);
  EXPECT_EQ(corrupt_.size(), 1u);
  EXPECT_TRUE(wait(&Lanes::hold, a_));
  lanes.release(a_);
  EXPECT_EQ(rows(a_), 0);
}

TEST_P(LifeTest, opening_closing_holding_and_writing_at_once_loses_nothing) {
  Limits limits;
  limits.open_max = 3;
  limits.tick = Duration(1);
  limits.checkpoint_idle = Duration(1);
  limits.idle_close = Duration(2);
  limits.wal_max = 20'000;
  Lanes& lanes = start(limits);
  std::vector<SpaceId> ids{a_, b_};
  for (int i = 0; i < 4; ++i) {
    ids.push_back({"cc0000000000000" + std::to_string(i)});
    ASSERT_TRUE(
        store::create(*engine_, layout_, ids.back(), {"Voile", kGiB, {}}, disk::Durable::no));
  }
  std::atomic<int> kept = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 60; ++i) {
        const SpaceId& id = ids[static_cast<std::size_t>(t * 7 + i) % ids.size()];
        auto fate = write(id, [&](WriteTx& tx) {
          insert(tx, t * 1000 + i);
          return Verdict::keep;
        });
        kept += fate.has_value();
        EXPECT_TRUE(fate || fate.error().code == Code::closed);
        if (i % 10 == 9) {
          EXPECT_TRUE(wait(&Lanes::close, id));
        }
        if (i % 20 == 19) {
          EXPECT_TRUE(wait(&Lanes::hold, id));
          lanes.release(id);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  int found = 0;
  for (const SpaceId& id : ids) found += rows(id);
  EXPECT_EQ(found, kept);
}

INSTANTIATE_TEST_SUITE_P(engines, LifeTest, ::testing::ValuesIn(sqlite::kEngineKinds),
                         sqlite::kind_name);

}  // namespace
}  // namespace essaim::lane
