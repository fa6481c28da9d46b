#include "features/notices/notifications.h"

#include "features/notices/internal/testing.h"

namespace essaim::notices {
namespace {

class NotificationsTest : public internal::NoticesFixture {
 protected:
  static NewNotification about(std::string object, Repeat repeat = Repeat::always) {
    return {.app = "comments",
            .key = "mention",
            .parameters = {{"actor", "lea"}, {"name", "Été.txt"}},
            .object_type = "comment",
            .object_id = std::move(object),
            .link = "/f/12",
            .actions = {{"accept", "/ocs/v2.php/x", Method::post, true},
                        {"decline", "/ocs/v2.php/x", Method::remove, false}},
            .repeat = repeat};
  }

  std::vector<std::string> objects(MemberId member) {
    auto tx = turn();
    std::vector<std::string> out;
    for (const auto& each : notifications(tx, member)) out.push_back(each.about.object_id);
    return out;
  }
};

using Objects = std::vector<std::string>;

TEST_F(NotificationsTest, ANotificationComesBackAsItWasGiven) {
  auto tx = turn();
  ASSERT_TRUE(notify(tx, marc_, about("7")));
  auto all = notifications(tx, marc_);
  ASSERT_EQ(all.size(), 1u);
  auto one = notification(tx, marc_, all[0].id);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->about.app, "comments");
  EXPECT_EQ(one->about.key, "mention");
  EXPECT_EQ(one->about.parameters, about("7").parameters);
  EXPECT_EQ(one->about.object_type, "comment");
  EXPECT_EQ(one->about.object_id, "7");
  EXPECT_EQ(one->about.link, "/f/12");
  ASSERT_EQ(one->about.actions.size(), 2u);
  EXPECT_EQ(one->about.actions[0].key, "accept");
  EXPECT_EQ(one->about.actions[0].path, "/ocs/v2.php/x");
  EXPECT_TRUE(one->about.actions[0].primary);
  EXPECT_EQ(one->about.actions[1].method, Method::remove);
  EXPECT_EQ(one->created, clock_.now());
}

TEST_F(NotificationsTest, NobodyReadsOrDismissesThoseOfOthers) {
  auto tx = turn();
  ASSERT_TRUE(notify(tx, marc_, about("7")));
  auto id = notifications(tx, marc_).at(0).id;
  EXPECT_EQ(notification(tx, lea_, id).error().code, Code::not_found);
  EXPECT_FALSE(dismiss(tx, lea_, id));
  dismiss_all(tx, lea_);
  EXPECT_EQ(objects(marc_), (Objects{"7"}));
  EXPECT_TRUE(dismiss(tx, marc_, id));
  EXPECT_FALSE(dismiss(tx, marc_, id));
  EXPECT_EQ(objects(marc_), Objects{});
}

TEST_F(NotificationsTest, OnceMeansOncePerObjectAndMember) {
  auto tx = turn();
  ASSERT_TRUE(notify(tx, marc_, about("7", Repeat::once)));
  ASSERT_TRUE(notify(tx, marc_, about("7", Repeat::once)));
  ASSERT_TRUE(notify(tx, marc_, about("8", Repeat::once)));
  ASSERT_TRUE(notify(tx, lea_, about("7", Repeat::once)));
  EXPECT_EQ(objects(marc_), (Objects{"8", "7"}));
  EXPECT_EQ(objects(lea_), (Objects{"7"}));
  ASSERT_TRUE(notify(tx, marc_, about("7")));
  EXPECT_EQ(objects(marc_), (Objects{"7", "8", "7"}));
}

TEST_F(NotificationsTest, WhatIsAboutAnObjectGoesWithIt) {
  auto tx = turn();
  for (const char* object : {"7", "8"}) {
    ASSERT_TRUE(notify(tx, marc_, about(object)));
    ASSERT_TRUE(notify(tx, lea_, about(object)));
  }
  dismiss_object(tx, "comment", "7", marc_);
  EXPECT_EQ(objects(marc_), (Objects{"8"}));
  EXPECT_EQ(objects(lea_), (Objects{"8", "7"}));
  dismiss_object(tx, "comment", "8");
  dismiss_object(tx, "share", "7");
  EXPECT_EQ(objects(marc_), Objects{});
  EXPECT_EQ(objects(lea_), (Objects{"7"}));
}

TEST_F(NotificationsTest, BeyondTheHighestNumberTheOldestGo) {
  auto tx = turn();
  ASSERT_TRUE(notify(tx, lea_, about("mine")));
  for (int i = 1; i <= kPerMemberMax + 2; ++i) {
    ASSERT_TRUE(notify(tx, marc_, about(std::to_string(i))));
  }
  auto left = objects(marc_);
  EXPECT_EQ(left.size(), static_cast<std::size_t>(kPerMemberMax));
  EXPECT_EQ(left.front(), std::to_string(kPerMemberMax + 2));
  EXPECT_EQ(left.back(), "3");
  EXPECT_EQ(objects(lea_), (Objects{"mine"}));
}

TEST_F(NotificationsTest, WhatIsTooLargeIsRefused) {
  auto tx = turn();
  auto large = about("7");
  large.parameters.emplace_back("text", std::string(kParametersMax, 'x'));
  EXPECT_EQ(notify(tx, marc_, large).error().code, Code::too_large);
  auto busy = about("7");
  busy.actions.resize(kActionsMax + 1);
  EXPECT_EQ(notify(tx, marc_, busy).error().code, Code::too_large);
  EXPECT_EQ(objects(marc_), Objects{});
}

}  // namespace
}  // namespace essaim::notices
