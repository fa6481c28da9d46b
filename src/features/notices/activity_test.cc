#include "features/notices/activity.h"

#include "features/notices/internal/testing.h"

namespace essaim::notices {
namespace {

class ActivityTest : public internal::NoticesFixture {
 protected:
  void happened(Type type, MemberId actor, std::int64_t node, std::string name = "a.txt") {
    auto tx = turn();
    record(tx, {.type = type,
                .actor = actor,
                .node = {node},
                .parent = {50},
                .name = std::move(name),
                .recipient = {}});
  }

  std::vector<std::int64_t> nodes(const Page& page) {
    auto tx = turn();
    std::vector<std::int64_t> out;
    for (const Activity& each : activity(tx, page)) out.push_back(each.event.node.value);
    return out;
  }
};

using Nodes = std::vector<std::int64_t>;

TEST_F(ActivityTest, ARowKeepsWhatWasKnown) {
  auto tx = turn();
  record(tx, {.type = Type::file_moved,
              .actor = lea_,
              .node = {101},
              .parent = {100},
              .name = "Été.txt",
              .extra = {.other = "marc", .group = "ca", .old_name = "e.txt", .label = "urgent"},
              .recipient = marc_});
  auto rows = activity(tx, {});
  ASSERT_EQ(rows.size(), 1u);
  const Event& event = rows[0].event;
  EXPECT_EQ(event.type, Type::file_moved);
  EXPECT_EQ(event.actor, lea_);
  EXPECT_EQ(event.node, NodeId{101});
  EXPECT_EQ(event.parent, NodeId{100});
  EXPECT_EQ(event.name, "Été.txt");
  EXPECT_EQ(event.extra.other, "marc");
  EXPECT_EQ(event.extra.group, "ca");
  EXPECT_EQ(event.extra.old_name, "e.txt");
  EXPECT_EQ(event.extra.label, "urgent");
  EXPECT_EQ(event.recipient, marc_);
  EXPECT_EQ(rows[0].at, clock_.now());
  EXPECT_EQ(newest_activity(tx), rows[0].id);
}

TEST_F(ActivityTest, ALongNameIsCutBetweenCharacters) {
  std::string name(kNameMax - 1, 'a');
  name += "éé";
  happened(Type::file_created, lea_, 101, name);
  auto tx = turn();
  EXPECT_EQ(activity(tx, {}).at(0).event.name, std::string(kNameMax - 1, 'a'));
}

TEST_F(ActivityTest, NobodyMayBeTheActor) {
  happened(Type::file_created, {}, 101);
  auto tx = turn();
  EXPECT_FALSE(activity(tx, {}).at(0).event.actor);
}

TEST_F(ActivityTest, RepeatedChangesAreOneRowTheNewest) {
  happened(Type::file_changed, lea_, 101);
  happened(Type::file_changed, lea_, 102);
  clock_.advance(Duration{60'000});
  happened(Type::file_changed, lea_, 101, "b.txt");
  EXPECT_EQ(nodes({}), (Nodes{101, 102}));
  auto tx = turn();
  auto rows = activity(tx, {});
  EXPECT_EQ(rows[0].at, clock_.now());
  EXPECT_EQ(rows[0].event.name, "b.txt");
  EXPECT_GT(rows[0].id, rows[1].id);
}

TEST_F(ActivityTest, AChangeByAnotherOrLaterIsARowOfItsOwn) {
  happened(Type::file_changed, lea_, 101);
  happened(Type::file_changed, marc_, 101);
  EXPECT_EQ(nodes({}), (Nodes{101, 101}));
  clock_.advance(kSameChange);
  happened(Type::file_changed, marc_, 101);
  EXPECT_EQ(nodes({}), (Nodes{101, 101, 101}));
  // Something else in between ends a run of changes, and a creation never takes part.
  happened(Type::comments, marc_, 101);
  happened(Type::file_changed, marc_, 101);
  happened(Type::file_created, marc_, 101);
  happened(Type::file_created, marc_, 101);
  EXPECT_EQ(nodes({}).size(), 7u);
}

TEST_F(ActivityTest, ReadersPageBothWaysByNodeAndByActor) {
  for (std::int64_t node = 101; node <= 106; ++node) {
    happened(Type::file_created, node % 2 == 0 ? lea_ : marc_, node);
  }
  happened(Type::file_deleted, lea_, 101);
  EXPECT_EQ(nodes({.since = {}, .limit = 2, .node = {}, .actor = {}}), (Nodes{101, 106}));
  EXPECT_EQ(nodes({.since = {6}, .limit = 2, .node = {}, .actor = {}}), (Nodes{105, 104}));
  EXPECT_EQ(nodes({.since = {}, .limit = 9, .node = {}, .actor = marc_}), (Nodes{105, 103, 101}));
  EXPECT_EQ(nodes({.since = {}, .limit = 9, .node = {101}, .actor = {}}), (Nodes{101, 101}));
  auto oldest = Sort::oldest_first;
  EXPECT_EQ(nodes({.since = {}, .limit = 2, .sort = oldest, .node = {}, .actor = {}}),
            (Nodes{101, 102}));
  EXPECT_EQ(nodes({.since = {1}, .limit = 9, .sort = oldest, .node = {101}, .actor = {}}),
            (Nodes{101}));
  EXPECT_EQ(nodes({.since = {2}, .limit = 9, .sort = oldest, .node = {}, .actor = lea_}),
            (Nodes{104, 106, 101}));
  EXPECT_EQ(nodes({.since = {}, .limit = -1, .node = {}, .actor = {}}), Nodes{});
}

TEST_F(ActivityTest, WhatIsOldGoesAndNothingElse) {
  happened(Type::file_created, lea_, 101);
  happened(Type::file_created, lea_, 102);
  clock_.advance(kActivityAge);
  happened(Type::file_created, lea_, 103);
  clock_.advance(Duration{1});
  {
    auto tx = turn();
    EXPECT_EQ(trim_activity(tx, 1), 1);
    EXPECT_EQ(trim_activity(tx, 10), 1);
    EXPECT_EQ(trim_activity(tx, 10), 0);
  }
  EXPECT_EQ(nodes({}), (Nodes{103}));
  auto tx = turn();
  EXPECT_EQ(newest_activity(tx), ActivityId{3});
}

TEST_F(ActivityTest, ASpaceKeepsItsHighestNumberOfRows) {
  for (std::int64_t node = 1; node <= kActivityMax + 3; ++node) {
    happened(Type::file_created, lea_, node);
  }
  auto tx = turn();
  EXPECT_EQ(trim_activity(tx, 500), 3);
  EXPECT_EQ(trim_activity(tx, 500), 0);
  auto first =
      activity(tx, {.since = {}, .limit = 1, .sort = Sort::oldest_first, .node = {}, .actor = {}});
  EXPECT_EQ(first.at(0).event.node, NodeId{4});
}

TEST(ActivityType, EachHasAName) {
  for (int type = 1; type <= static_cast<int>(Type::comments); ++type) {
    EXPECT_NE(wire_name(static_cast<Type>(type)), "") << type;
  }
  EXPECT_EQ(wire_name(static_cast<Type>(200)), "");
}

}  // namespace
}  // namespace essaim::notices
