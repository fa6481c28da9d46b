// What comes to its end by itself, over every engine.
#include <stdexcept>

#include "space/lane/internal/testing.h"

namespace essaim::lane {
namespace {

// A row of `usage` is over when the clock passes its number of seconds.
class AppointmentTest : public LanesTest {
 protected:
  Lanes& start() {
    Appointment appointment{.next = [this](ReadTx& tx) -> std::optional<Instant> {
                              ++asked_;
                              auto rows =
                                  tx.query("SELECT place FROM usage ORDER BY place LIMIT 1");
                              if (!rows.next()) return std::nullopt;
                              return Instant{rows.int64(0) * 1'000};
                            },
                            .keep =
                                [this](WriteTx& tx) {
                                  ++kept_;
                                  if (broken_) throw std::runtime_error("not today");
                                  tx.execute(
                                      "DELETE FROM usage WHERE place IN (SELECT place FROM usage"
                                      " WHERE place * 1000 <= ? ORDER BY place LIMIT 1)",
                                      tx.now().ms);
                                }};
    Limits limits;
    limits.workers = 2;
    lanes_ = std::make_unique<Lanes>(
        *engine_, layout_, time_, limits, [](const SpaceId&, const std::string&) {},
        std::move(appointment));
    return *lanes_;
  }
  void add(std::int64_t end) {
    EXPECT_TRUE(write(a_, [&](WriteTx& tx) {
      insert(tx, static_cast<int>(end));
      return Verdict::keep;
    }));
  }

  TestClock time_{Instant{1'000'000}};  // 1000 s
  int asked_ = 0;
  int kept_ = 0;
  bool broken_ = false;
};

TEST_P(AppointmentTest, the_first_turn_after_an_end_finds_it_seen_to) {
  start();
  add(1'060);
  add(1'120);
  EXPECT_EQ(rows(a_), 2);
  time_.advance(Duration{59'999});
  EXPECT_EQ(rows(a_), 2);
  EXPECT_EQ(kept_, 0);
  time_.advance(Duration{1});
  EXPECT_EQ(rows(a_), 1) << "the read itself sees it";
  EXPECT_EQ(rows(a_), 1);
  EXPECT_EQ(kept_, 1);
  time_.advance(Duration{60'000});
  EXPECT_TRUE(write(a_, [](WriteTx& tx) {
    auto left = tx.query("SELECT 1 FROM usage LIMIT 1");
    EXPECT_FALSE(left.next()) << "a write too";
    return Verdict::keep;
  }));
}

TEST_P(AppointmentTest, nothing_is_asked_while_nothing_ends) {
  Lanes& lanes = start();
  add(1'060);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rows(a_), 1);
  EXPECT_EQ(asked_, 2) << "at open, and after the write";
  EXPECT_EQ(rows(b_), 0);
  time_.advance(Duration{3'600'000});
  EXPECT_EQ(rows(b_), 0);
  EXPECT_EQ(asked_, 3);
  EXPECT_EQ(kept_, 0) << "nobody looks at a";
  EXPECT_EQ(lanes.counters().commits, 1);
}

TEST_P(AppointmentTest, what_ended_while_the_space_was_closed_is_seen_to_at_open) {
  start();
  add(1'060);
  ASSERT_TRUE(wait(&Lanes::close, a_));
  time_.advance(Duration{60'000});
  EXPECT_EQ(rows(a_), 0);
  EXPECT_EQ(kept_, 1);
}

TEST_P(AppointmentTest, a_failure_stops_no_turn_and_is_tried_again_later) {
  start();
  add(1'060);
  broken_ = true;
  time_.advance(Duration{60'000});
  EXPECT_EQ(rows(a_), 1);
  add(9'000);
  EXPECT_EQ(rows(a_), 2);
  EXPECT_EQ(kept_, 1);
  broken_ = false;
  time_.advance(kAppointmentRetry);
  EXPECT_EQ(rows(a_), 1);
}

TEST_P(AppointmentTest, what_is_too_much_for_once_is_gone_on_with_at_the_next_turn) {
  start();
  for (int end : {1'010, 1'020, 1'030}) add(end);
  time_.advance(Duration{60'000});
  EXPECT_EQ(rows(a_), 2);
  EXPECT_EQ(rows(a_), 1);
  EXPECT_EQ(rows(a_), 0);
  EXPECT_EQ(kept_, 3);
}

INSTANTIATE_TEST_SUITE_P(engines, AppointmentTest, ::testing::ValuesIn(sqlite::kEngineKinds),
                         sqlite::kind_name);

}  // namespace
}  // namespace essaim::lane
