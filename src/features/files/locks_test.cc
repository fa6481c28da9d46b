#include "features/files/locks.h"

#include "features/files/change.h"
#include "features/files/internal/fixture.h"

namespace essaim::files {
namespace {

Code code_of(const auto& result) {
  return result ? Code::internal : result.error().code;
}

class Locks : public internal::SpaceFixture {
 protected:
  void SetUp() override {
    SpaceFixture::SetUp();
    ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"Docs"}));
    ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"Docs", "In"}));
    ASSERT_TRUE(put_text({"Docs", "plan"}, "one"));
    ASSERT_TRUE(put_text({"Docs", "In", "deep"}, "two"));
    // Somebody who was given the folder, and has it under the same name.
    other_ = member("marc");
    share({"Docs"}, other_, access::kEdit);
  }
  Lock must(const Path& path, const NewLock& wanted = {}) {
    auto made = lock(*tx_, caller_, *at(path), wanted);
    EXPECT_TRUE(made);
    return *made;
  }
  static access::Caller with(access::Caller caller, const Lock& lock) {
    caller.lock_tokens.push_back(std::string(kLockTokenScheme) + lock.token);
    return caller;
  }
  Code write_as(const access::Caller& caller, const Path& path) {
    auto content = blob("x");
    return code_of(
        put(*tx_, *blobs_, caller, place_, path, {content, "", std::nullopt, std::nullopt}));
  }
  void later(Duration span) {
    now_ = {now_.ms + span.count()};
    tx_ = std::unique_ptr<store::WriteTx>(new store::WriteTx(space_.turn(now_)));
  }
  access::Caller other_;
};

TEST_F(Locks, ATokenOpensForItsMemberOnly) {
  Lock held = must({"Docs", "plan"});
  EXPECT_EQ(held.uid, "lea");
  EXPECT_EQ(held.token.size(), 36U);
  EXPECT_EQ(write_as(caller_, {"Docs", "plan"}), Code::locked);
  EXPECT_EQ(write_as(with(caller_, held), {"Docs", "plan"}), Code::internal);
  // A token that somebody read in a listing is worth nothing to them.
  EXPECT_EQ(write_as(with(other_, held), {"Docs", "plan"}), Code::locked);
  auto refused = refresh_lock(*tx_, other_, held.node, held.token, kLockLife);
  EXPECT_EQ(code_of(refused), Code::forbidden);
  EXPECT_EQ(code_of(unlock(*tx_, other_, held.node, held.token)), Code::forbidden);
  EXPECT_EQ(code_of(unlock(*tx_, caller_, at({"Docs"})->id, held.token)), Code::not_found);
  EXPECT_TRUE(unlock(*tx_, caller_, held.node, held.token));
  EXPECT_EQ(write_as(other_, {"Docs", "plan"}), Code::internal);
}

TEST_F(Locks, ALockOfAPersonLetsThatPersonWriteEverywhere) {
  must({"Docs", "plan"}, {.kind = LockKind::person});
  EXPECT_EQ(write_as(caller_, {"Docs", "plan"}), Code::internal);
  EXPECT_EQ(write_as(other_, {"Docs", "plan"}), Code::locked);
  EXPECT_EQ(code_of(remove(*tx_, other_, place_, {"Docs", "plan"})), Code::locked);
  EXPECT_EQ(code_of(move(*tx_, other_, place_, {"Docs", "plan"}, {"away"}, Overwrite::yes)),
            Code::locked);
  EXPECT_TRUE(lock_for_person(*tx_, caller_, *at({"Docs", "plan"}), LockKind::person));
  EXPECT_EQ(code_of(lock_for_person(*tx_, other_, *at({"Docs", "plan"}), LockKind::person)),
            Code::locked);
  EXPECT_EQ(code_of(unlock_for_person(*tx_, other_, at({"Docs", "plan"})->id)), Code::forbidden);
  EXPECT_TRUE(unlock_for_person(*tx_, caller_, at({"Docs", "plan"})->id));
  EXPECT_EQ(code_of(unlock_for_person(*tx_, caller_, at({"Docs", "plan"})->id)), Code::not_found);
}

TEST_F(Locks, OnAFolderDepthDecidesHowFarItReaches) {
  Lock flat = must({"Docs"});
  EXPECT_EQ(write_as(caller_, {"Docs", "new"}), Code::locked);
  EXPECT_EQ(code_of(make_folder(*tx_, caller_, place_, {"Docs", "new"})), Code::locked);
  EXPECT_EQ(code_of(remove(*tx_, caller_, place_, {"Docs", "plan"})), Code::locked);
  EXPECT_EQ(code_of(move(*tx_, caller_, place_, {"Docs", "plan"}, {"a"}, Overwrite::no)),
            Code::locked);
  EXPECT_EQ(code_of(copy(*tx_, *blobs_, caller_, place_, {"Docs", "plan"}, {"Docs", "b"},
                         Overwrite::no, CopyDepth::everything)),
            Code::locked);
  EXPECT_EQ(write_as(caller_, {"Docs", "plan"}), Code::internal);
  EXPECT_EQ(write_as(caller_, {"Docs", "In", "new"}), Code::internal);
  EXPECT_TRUE(unlock(*tx_, caller_, flat.node, flat.token));

  Lock deep = must({"Docs"}, {.depth = LockDepth::infinity});
  EXPECT_EQ(write_as(caller_, {"Docs", "In", "deep"}), Code::locked);
  EXPECT_EQ(write_as(caller_, {"Docs", "In", "more"}), Code::locked);
  EXPECT_EQ(write_as(with(caller_, deep), {"Docs", "In", "more"}), Code::internal);
  auto listed = covering_locks(*tx_, at({"Docs", "In", "deep"})->id);
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].node, deep.node);
  // It ends through whatever it covers (RFC 4918 §9.11).
  EXPECT_TRUE(unlock(*tx_, caller_, at({"Docs", "In", "deep"})->id, deep.token));
}

TEST_F(Locks, ExclusiveOnesMeetNothingAndSharedOnesEachOther) {
  NewLock shared{.scope = LockScope::shared};
  Lock first = must({"Docs", "plan"}, shared);
  auto second = lock(*tx_, other_, *at({"Docs", "plan"}), shared);
  ASSERT_TRUE(second);
  auto refused = lock(*tx_, caller_, *at({"Docs", "plan"}), {});
  EXPECT_EQ(code_of(refused), Code::locked);
  EXPECT_EQ(refused.error().node, at({"Docs", "plan"})->id);
  NewLock everything{.depth = LockDepth::infinity};
  refused = lock(*tx_, caller_, *at({}), everything);
  EXPECT_EQ(code_of(refused), Code::locked);
  EXPECT_EQ(refused.error().node, at({"Docs", "plan"})->id);
  shared.depth = LockDepth::infinity;
  must({}, shared);
  EXPECT_EQ(write_as(caller_, {"Docs", "plan"}), Code::locked);
  EXPECT_EQ(write_as(with(caller_, first), {"Docs", "plan"}), Code::internal);
  EXPECT_EQ(write_as(with(other_, *second), {"Docs", "plan"}), Code::internal);
  EXPECT_EQ(write_as(with(other_, first), {"Docs", "plan"}), Code::locked);
}

TEST_F(Locks, ATreeGoesOnlyWithTheTokensOfEverythingInIt) {
  Lock a = must({"Docs", "plan"});
  Lock b = must({"Docs", "In", "deep"});
  EXPECT_EQ(code_of(remove(*tx_, with(caller_, a), place_, {"Docs"})), Code::locked);
  auto refused = remove(*tx_, with(caller_, a), place_, {"Docs"});
  EXPECT_EQ(refused.error().node, b.node);
  EXPECT_EQ(code_of(move(*tx_, caller_, place_, {"Docs"}, {"Other"}, Overwrite::no)), Code::locked);
  EXPECT_TRUE(remove(*tx_, with(with(caller_, a), b), place_, {"Docs"}));
}

TEST_F(Locks, TheyEndWithThePlaceOfTheirNode) {
  Lock held = must({"Docs", "plan"});
  auto holder = with(caller_, held);
  ASSERT_TRUE(move(*tx_, holder, place_, {"Docs"}, {"Papers"}, Overwrite::no));
  EXPECT_EQ(write_as(other_, {"Docs", "plan"}), Code::internal);
  Lock target = must({"Papers", "In", "deep"});
  ASSERT_TRUE(copy(*tx_, *blobs_, with(caller_, target), place_, {"Papers", "plan"},
                   {"Papers", "In", "deep"}, Overwrite::yes, CopyDepth::everything));
  EXPECT_EQ(write_as(other_, {"Docs", "In", "deep"}), Code::internal);
  EXPECT_TRUE(child_locks(*tx_, at({"Papers", "In"})->id).empty());
}

TEST_F(Locks, ALockIsSeenAboveAndNotOnTheNodeItself) {
  Node before = *at({"Docs", "plan"});
  Seq root = at({})->seq;
  Seq docs = at({"Docs"})->seq;
  std::int64_t mtime = at({"Docs"})->mtime;
  Lock held = must({"Docs", "plan"});
  EXPECT_EQ(at({"Docs", "plan"})->seq, before.seq);
  EXPECT_GT(at({"Docs"})->seq, docs);
  EXPECT_GT(at({})->seq, root);
  EXPECT_EQ(at({"Docs"})->mtime, mtime);
  root = at({})->seq;
  ASSERT_TRUE(refresh_lock(*tx_, caller_, held.node, held.token, kLockLife));
  EXPECT_EQ(at({})->seq, root);
  ASSERT_TRUE(unlock(*tx_, caller_, held.node, held.token));
  EXPECT_GT(at({})->seq, root);
}

TEST_F(Locks, WhatIsOverDoesNotCountAndIsSwept) {
  Lock held = must({"Docs", "plan"}, {.life = Duration{60'000}});
  EXPECT_EQ(expire_locks(*tx_, 10), 0);
  later(Duration{60'000});
  Seq root = at({})->seq;
  EXPECT_EQ(write_as(other_, {"Docs", "In", "deep"}), Code::internal);
  EXPECT_EQ(write_as(other_, {"Docs", "plan"}), Code::internal);
  EXPECT_TRUE(covering_locks(*tx_, held.node).empty());
  auto gone = refresh_lock(*tx_, caller_, held.node, held.token, kLockLife);
  EXPECT_EQ(code_of(gone), Code::not_found);
  EXPECT_EQ(expire_locks(*tx_, 10), 1);
  EXPECT_GT(at({})->seq, root);
  EXPECT_TRUE(must({"Docs", "plan"}, {.life = Duration{86'400'000}}).life == kLockLifeMax);
}

TEST_F(Locks, EveryLimitHolds) {
  EXPECT_EQ(
      code_of(lock(*tx_, caller_, *at({"Docs"}), {.owner = std::string(kLockOwnerMax + 1, 'x')})),
      Code::too_large);
  NewLock shared{.scope = LockScope::shared};
  for (int i = 0; i < kLocksPerNodeMax; ++i) must({"Docs"}, shared);
  EXPECT_EQ(code_of(lock(*tx_, caller_, *at({"Docs"}), shared)), Code::too_many);
  share({"Docs", "plan"}, other_, access::kSee);
  EXPECT_EQ(code_of(lock(*tx_, other_, *seen_by(other_, {"plan"}), {})), Code::forbidden);
}

}  // namespace
}  // namespace essaim::files
