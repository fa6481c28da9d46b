#include "server/gate/gate.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "features/members/members.h"
#include "features/members/sessions.h"
#include "space/store/testing.h"

namespace essaim::gate {
namespace {

// Verifications under way, and how they ended.
class Hashes {
 public:
  explicit Hashes(Limits limits) : gate_(key_, clock_, limits) {}

  void verify(const std::string& space, const std::string& user, const std::string& address) {
    {
      std::lock_guard lock(mutex_);
      ++asked_;
    }
    gate_.verify(SpaceId{space}, {user, "a wrong password"}, address, std::nullopt,
                 [this](Result<bool> right) {
                   std::lock_guard lock(mutex_);
                   (right ? verified_ : refused_) += 1;
                   ended_.notify_all();
                 });
  }
  void wait() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return verified_ + refused_ == asked_; });
  }
  int refused() const {
    std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  secrets::Key key_{};
  TestClock clock_{{0}};
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  int asked_ = 0;
  int verified_ = 0;
  int refused_ = 0;
  Gate gate_;  // last: its threads end first
};

TEST(Gate, GuessesAtOneSpaceDoNotTurnAwayThePeopleOfAnother) {
  Hashes hashes({.hash_slots = 1, .hash_queue_max = 20, .hash_space_max = 4});
  for (int i = 0; i < 50; ++i) hashes.verify("attacked", "u", "192.0.2." + std::to_string(i));
  int refused = hashes.refused();
  EXPECT_GE(refused, 50 - 4 - 1);
  hashes.verify("other", "lea", "198.51.100.1");
  hashes.wait();
  EXPECT_EQ(hashes.refused(), refused);
}

TEST(Gate, OneAddressDoesNotFillTheQueueOverManySpaces) {
  Hashes hashes({.hash_slots = 1, .hash_queue_max = 20, .hash_address_max = 4});
  for (int i = 0; i < 50; ++i) hashes.verify("space" + std::to_string(i), "u", "192.0.2.1");
  int refused = hashes.refused();
  EXPECT_GE(refused, 50 - 4 - 1);
  hashes.verify("other", "lea", "198.51.100.1");
  hashes.wait();
  EXPECT_EQ(hashes.refused(), refused);
  // What has ended makes room.
  hashes.verify("other", "lea", "192.0.2.1");
  hashes.wait();
  EXPECT_EQ(hashes.refused(), refused);
}

TEST(Gate, APasswordToBeSetIsHashedWithinTheSameLimits) {
  secrets::initialize();
  secrets::Key key{};
  TestClock clock{{0}};
  std::mutex mutex;
  std::condition_variable ended;
  int hashed = 0;
  int refused = 0;
  {
    Gate gate(key, clock, {.hash_slots = 1, .hash_queue_max = 20, .hash_address_max = 2});
    for (int i = 0; i < 10; ++i) {
      gate.hash(SpaceId{"space"}, "correct horse battery", "192.0.2.1",
                [&](Result<std::string> hash) {
                  std::lock_guard lock(mutex);
                  bool right = hash && secrets::verify_password(*hash, "correct horse battery");
                  (right ? hashed : refused) += 1;
                  ended.notify_all();
                });
    }
    std::unique_lock lock(mutex);
    ended.wait(lock, [&] { return hashed + refused == 10; });
  }
  EXPECT_GE(hashed, 2);
  EXPECT_GE(refused, 1);
}

TEST(Gate, CodesAreLimitedByAddressAndByAccount) {
  secrets::Key key{};
  TestClock clock{{0}};
  Gate gate(key, clock, {.codes_free = 3, .codes_account_free = 5});
  SpaceId space{"voile"};
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += gate.may_try_code(space, "lea", "192.0.2.1") ? 1 : 0;
  EXPECT_EQ(taken, 3) << "counted before they are looked at";
  for (int i = 0; i < 10; ++i) {
    taken += gate.may_try_code(space, "lea", "198.51.100." + std::to_string(i)) ? 1 : 0;
  }
  EXPECT_EQ(taken, 5) << "from everywhere";
  EXPECT_TRUE(gate.may_try_code(space, "marc", "192.0.2.1"));
  EXPECT_TRUE(gate.may_try_code({"rugby"}, "lea", "192.0.2.1"));
  clock.advance(Limits{}.failure_window + Duration{1});
  EXPECT_TRUE(gate.may_try_code(space, "lea", "192.0.2.1"));
}

TEST(Gate, ARightCodeIsNoFailure) {
  secrets::Key key{};
  TestClock clock{{0}};
  Gate gate(key, clock, {.codes_free = 3, .codes_account_free = 5});
  SpaceId space{"voile"};
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(gate.may_try_code(space, "lea", "192.0.2.1")) << i;
    gate.tried_code(space, "lea", "192.0.2.1", Gate::Tried::right);
  }
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(gate.may_try_code(space, "lea", "192.0.2.1"));
    gate.tried_code(space, "lea", "192.0.2.1", Gate::Tried::wrong);
  }
  EXPECT_FALSE(gate.may_try_code(space, "lea", "192.0.2.1"));
}

TEST(Gate, ASessionIsItsPersonForAWhileAndATokenNever) {
  store::TestSpace space;
  secrets::Key key{};
  Instant now{1'700'000'000'000};
  TestClock clock{now};
  Gate gate(key, clock);
  auto tx = space.turn(now);
  auto lea = members::add(tx, {.uid = "lea", .password_hash = "x"});
  ASSERT_TRUE(lea);
  auto secret = members::start_session(tx, key, lea->id, "Firefox");
  EXPECT_TRUE(gate.identify_session(tx, secret).caller.in_person);
  auto later = space.turn({now.ms + Limits{}.in_person.count() + 1});
  auto session = gate.identify_session(later, secret);
  EXPECT_EQ(session.kind, Identity::Kind::known);
  EXPECT_FALSE(session.caller.in_person);
  auto token = members::add_token(tx, key, lea->id, "phone");
  auto client = gate.identify(tx, {"lea", *token}, Accepts::both, "192.0.2.1");
  EXPECT_EQ(client.kind, Identity::Kind::known);
  EXPECT_FALSE(client.caller.in_person);
}

}  // namespace
}  // namespace essaim::gate
