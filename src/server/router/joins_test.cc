#include "server/router/joins.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

namespace essaim::router {
namespace {

const SpaceId kBusy{"busy"};
const SpaceId kQuiet{"quiet"};

TEST(Joins, ASpaceWithLongOnesDoesNotHoldUpAnother) {
  std::promise<void> held;
  std::promise<void> quiet;
  Joins joins;
  auto wait = [over = held.get_future().share()] { over.wait(); };
  for (std::size_t i = 0; i <= kJoinsOfSpaceWaitingMax + 1; ++i) {
    joins.start(kBusy, "busy/" + std::to_string(i), wait);
  }
  EXPECT_EQ(joins.start(kBusy, "busy/more", [] {}), Joins::Started::full);
  EXPECT_EQ(joins.start(kQuiet, "quiet/1", [&] { quiet.set_value(); }), Joins::Started::yes);
  auto done = quiet.get_future().wait_for(std::chrono::seconds(60));
  held.set_value();
  EXPECT_EQ(done, std::future_status::ready);
}

TEST(Joins, ATransferIsJoinedOnceAtATime) {
  std::promise<void> held;
  Joins joins;
  joins.start(kBusy, "one", [&] { held.get_future().wait(); });
  EXPECT_EQ(joins.start(kBusy, "one", [] {}), Joins::Started::already);
  held.set_value();
  joins.finished("one");
  EXPECT_EQ(joins.start(kBusy, "one", [] {}), Joins::Started::yes);
}

TEST(Joins, ATransferWhoseJoiningFailedMayBeTriedAgain) {
  std::promise<void> next;
  Joins joins;
  joins.start(kBusy, "one", [] { throw std::runtime_error("a bug"); });
  // Jobs of one space run one after the other.
  joins.start(kBusy, "two", [&] { next.set_value(); });
  next.get_future().wait();
  EXPECT_EQ(joins.start(kBusy, "one", [] {}), Joins::Started::yes);
}

TEST(Joins, OneThatFindsNoRoomMayBeTriedAgain) {
  std::promise<void> held;
  Joins joins;
  auto wait = [over = held.get_future().share()] { over.wait(); };
  for (std::size_t i = 0; i <= kJoinsOfSpaceWaitingMax + 1; ++i) {
    joins.start(kBusy, "busy/" + std::to_string(i), wait);
  }
  EXPECT_EQ(joins.start(kBusy, "more", [] {}), Joins::Started::full);
  EXPECT_EQ(joins.start(kBusy, "more", [] {}), Joins::Started::full);
  held.set_value();
}

}  // namespace
}  // namespace essaim::router
