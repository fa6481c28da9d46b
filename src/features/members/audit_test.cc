// The audit: nothing in it can be changed or removed without it showing.
#include "features/members/audit.h"

#include <gtest/gtest.h>

#include "features/members/internal/testing.h"

namespace essaim::members::audit {
namespace {

class Audit : public members::internal::MembersFixture {
 protected:
  void write(int count) {
    auto tx = turn();
    for (int i = 0; i < count; ++i) {
      record(tx, key_,
             {.actor = "lea",
              .member = lea_.id,
              .action = Action::token_given,
              .object = "lea: phone " + std::to_string(i),
              .address = "192.0.2.1"});
    }
  }
  std::vector<std::string> problems() {
    auto tx = turn();
    return verify(tx, key_);
  }
  // As somebody with the file in their hands does, past the triggers.
  void by_hand(sqlite::Sql change) {
    auto& db = space_.database();
    db.script("DROP TRIGGER audit_never_changes");
    db.script("DROP TRIGGER audit_is_kept");
    db.script(change);
  }
};

TEST_F(Audit, TellsWhoDidWhatInOrder) {
  write(3);
  auto tx = turn();
  record(tx, key_,
         {.actor = kOperator, .action = Action::member_added, .object = "zoé", .address = {}});
  auto rows = list(tx, 0, kListMax);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].actor, "lea");
  EXPECT_EQ(rows[0].member, lea_.id);
  EXPECT_EQ(rows[0].action, "token-given");
  EXPECT_EQ(rows[0].object, "lea: phone 0");
  EXPECT_EQ(rows[0].address, "192.0.2.1");
  EXPECT_EQ(rows[0].at, clock_.now());
  EXPECT_EQ(rows[3].actor, "operator");
  EXPECT_FALSE(rows[3].member);
  auto later = list(tx, rows[1].id, 1);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].id, rows[2].id);
  EXPECT_TRUE(list(tx, rows[3].id, kListMax).empty());
  EXPECT_TRUE(verify(tx, key_).empty());
}

TEST_F(Audit, AnEmptyOneIsSound) {
  EXPECT_TRUE(problems().empty());
}

TEST_F(Audit, TheDatabaseItselfRefusesChanges) {
  write(3);
  auto tx = turn();
  EXPECT_THROW(tx.execute(R"sql(UPDATE audit SET object = 'x' WHERE id = 2)sql"), sqlite::Failure);
  EXPECT_THROW(tx.execute(R"sql(DELETE FROM audit WHERE id = 1)sql"), sqlite::Failure);
  EXPECT_THROW(tx.execute(R"sql(DELETE FROM audit)sql"), sqlite::Failure);
  EXPECT_THROW(tx.execute(R"sql(
    INSERT OR REPLACE INTO audit(id, at, actor, action, object, address, hash)
    VALUES (2, 0, 'x', 'x', 'x', 'x', x'00'))sql"),
               sqlite::Failure);
  EXPECT_TRUE(problems().empty());
}

TEST_F(Audit, AnEditedRowShows) {
  write(5);
  by_hand("UPDATE audit SET object = 'lea: laptop' WHERE id = 3");
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_NE(problems()[0].find("row 3"), std::string::npos);
}

TEST_F(Audit, AnEditedTimeShows) {
  write(5);
  by_hand("UPDATE audit SET at = at + 1 WHERE id = 5");
  EXPECT_FALSE(problems().empty());
}

TEST_F(Audit, ARemovedRowShows) {
  write(5);
  by_hand("DELETE FROM audit WHERE id = 3");
  EXPECT_FALSE(problems().empty());
}

TEST_F(Audit, RemovedRowsShowAtTheStart) {
  write(5);
  by_hand(R"sql(
    DELETE FROM audit WHERE id < 3;
    UPDATE audit_chain SET first_id = 3, start = (SELECT hash FROM audit WHERE id = 3);)sql");
  EXPECT_FALSE(problems().empty());
}

TEST_F(Audit, RemovedRowsShowAtTheEnd) {
  write(5);
  by_hand(R"sql(
    DELETE FROM audit WHERE id > 3;
    UPDATE audit_chain SET last_id = 3, head = (SELECT hash FROM audit WHERE id = 3);)sql");
  EXPECT_FALSE(problems().empty());
}

TEST_F(Audit, AChainThatIsGoneShows) {
  write(2);
  by_hand("DELETE FROM audit_chain");
  EXPECT_FALSE(problems().empty());
}

TEST_F(Audit, OnlyWhatIsTenYearsOldGoes) {
  write(4);
  clock_.advance(kKept - std::chrono::milliseconds(1));
  write(2);
  {
    auto tx = turn();
    EXPECT_EQ(trim(tx, key_, 100), 0);
  }
  clock_.advance(std::chrono::milliseconds(1));
  write(1);
  auto tx = turn();
  EXPECT_EQ(trim(tx, key_, 3), 3);
  EXPECT_TRUE(problems().empty());
  EXPECT_EQ(trim(tx, key_, 100), 1);
  EXPECT_EQ(trim(tx, key_, 100), 0);
  EXPECT_EQ(list(tx, 0, kListMax).front().id, 5);
  EXPECT_TRUE(problems().empty());
  write(1);
  EXPECT_TRUE(problems().empty());
}

TEST_F(Audit, ASpaceOfAnotherFleetIsTakenOver) {
  write(3);
  key_ = secrets::random_key();
  EXPECT_TRUE(problems().empty());
  write(2);
  EXPECT_TRUE(problems().empty());
  {
    auto tx = turn();
    auto rows = list(tx, 3, kListMax);
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0].action, "taken-over");
    EXPECT_EQ(rows[0].object, "3");
  }
  by_hand("UPDATE audit SET object = 'x' WHERE id = 2");
  EXPECT_FALSE(problems().empty()) << "what came along is guarded too";
}

TEST_F(Audit, WhatCameAlongIsTrimmedToo) {
  write(3);
  key_ = secrets::random_key();
  clock_.advance(kKept);
  write(1);
  auto tx = turn();
  EXPECT_EQ(trim(tx, key_, 2), 2);
  EXPECT_TRUE(problems().empty());
  EXPECT_EQ(trim(tx, key_, 100), 1);
  EXPECT_TRUE(problems().empty());
}

}  // namespace
}  // namespace essaim::members::audit
