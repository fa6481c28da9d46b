#include "server/router/routes.h"

#include <gtest/gtest.h>

namespace essaim::router {
namespace {

TEST(Routes, EveryAddressHasItsArea) {
  EXPECT_EQ(area_of("/"), Area::home);
  EXPECT_EQ(area_of("/index.php"), Area::home);
  EXPECT_EQ(area_of("/index.php/204"), Area::no_content);
  EXPECT_EQ(area_of("/f/12"), Area::file_link);
  EXPECT_EQ(area_of("/index.php/f/12"), Area::file_link);
  EXPECT_EQ(area_of("/fs"), Area::nowhere);
  EXPECT_EQ(area_of("/status.php"), Area::status);
  EXPECT_EQ(area_of("/index.php/status.php"), Area::nowhere);
  EXPECT_EQ(area_of("/remote.php/webdav"), Area::dav_files);
  EXPECT_EQ(area_of("/remote.php/webdav/a/b"), Area::dav_files);
  EXPECT_EQ(area_of("/remote.php/webdavx"), Area::dav_elsewhere);
  EXPECT_EQ(area_of("/remote.php/dav/"), Area::dav_above);
  EXPECT_EQ(area_of("/remote.php/dav/files/"), Area::dav_above);
  EXPECT_EQ(area_of("//remote.php//dav///files//lea"), Area::dav_files);
  EXPECT_EQ(area_of("/remote.php/dav/uploads/lea/1/.file"), Area::dav_uploads);
  EXPECT_EQ(area_of("/remote.php/dav/calendars/lea"), Area::dav_elsewhere);
  EXPECT_EQ(area_of("/ocs/v2.php/cloud/user"), Area::ocs_user);
  EXPECT_EQ(area_of("/ocs/v3.php/cloud/user"), Area::nowhere);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/files_lock/lock/12"), Area::ocs_file_lock);
  EXPECT_EQ(area_of("/remote.php/dav/comments/files/7/"), Area::dav_comments);
  EXPECT_EQ(area_of("/remote.php/dav/systemtags"), Area::dav_tags);
  EXPECT_EQ(area_of("/remote.php/dav/systemtags-relations/files/7/1"), Area::dav_tag_relations);
  EXPECT_EQ(area_of("/remote.php/dav/systemtags-assigned/image"), Area::dav_tags_assigned);
  EXPECT_EQ(area_of("/remote.php/dav/systemtags-x"), Area::dav_elsewhere);
  std::string notifications = "/ocs/v2.php/apps/notifications/api/v2/notifications";
  EXPECT_EQ(area_of(notifications), Area::ocs_notifications);
  EXPECT_EQ(area_of(notifications + "/exists"), Area::ocs_notifications_exist);
  EXPECT_EQ(area_of(notifications + "/12"), Area::ocs_notification);
  EXPECT_EQ(area_of(notifications + "/12/x"), Area::ocs_elsewhere);
  EXPECT_EQ(area_of("/ocs/v1.php/apps/notifications/api/v2/admin_notifications/lea"),
            Area::ocs_notify_member);
  EXPECT_EQ(area_of("/ocs/v2.php/search/providers"), Area::ocs_search_providers);
  EXPECT_EQ(area_of("/ocs/v2.php/search/providers/files/search"), Area::ocs_search_files);
  EXPECT_EQ(area_of("/ocs/v2.php/search/providers/mail/search"), Area::ocs_elsewhere);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/activity/api/v2/activity"), Area::ocs_activity);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/activity/api/v2/activity/self"), Area::ocs_activity);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/activity/api/v2/activity/filters"),
            Area::ocs_activity_filters);
  EXPECT_EQ(area_of("/ocs/v1.php/cloud/users"), Area::ocs_users);
  EXPECT_EQ(area_of("/ocs/v1.php/cloud/users/details"), Area::ocs_users_details);
  EXPECT_EQ(area_of("/ocs/v1.php/cloud/users/l%C3%A9a@example.org"), Area::ocs_account);
  EXPECT_EQ(area_of("/ocs/v2.php/cloud/users/lea/groups"), Area::ocs_account_groups);
  EXPECT_EQ(area_of("/ocs/v2.php/cloud/users/lea/shoes"), Area::ocs_elsewhere);
  EXPECT_EQ(area_of("/ocs/v2.php/cloud/users/"), Area::ocs_elsewhere);
  EXPECT_EQ(area_of("/ocs/v2.php/cloud/groups/a/users/details"), Area::ocs_group_users_details);
  EXPECT_EQ(area_of("/ocs/v2.php/cloud/user/fields"), Area::ocs_fields);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/user_status/api/v1/statuses/lea"), Area::ocs_status_of);
  EXPECT_EQ(area_of("/login"), Area::login);
  EXPECT_EQ(area_of("/index.php/login/v2"), Area::flow_start);
  EXPECT_EQ(area_of("/login/v2/"), Area::nowhere);
  EXPECT_EQ(area_of("/login/v2/flow"), Area::flow_page);
  EXPECT_EQ(area_of("/login/v2/flow/abc"), Area::flow_link);
  EXPECT_EQ(area_of("/login/v2/flowers"), Area::nowhere);
  EXPECT_EQ(area_of("/index.php/login/flow"), Area::old_flow_page);
  EXPECT_EQ(area_of("/index.php/core/wipe/check"), Area::wipe_check);
  EXPECT_EQ(area_of("/login/second-factor"), Area::second_factor);
  EXPECT_EQ(area_of("/ocs/v1.php/apps/essaim/api/v1/audit"), Area::ocs_audit);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/essaim/api/v1/held"), Area::ocs_held);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/essaim/api/v1/held/12"), Area::ocs_held_one);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/essaim/api/v1/review"), Area::ocs_review);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/essaim/api/v1/places"), Area::ocs_places);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/essaim/api/v1/places/3/rights"), Area::ocs_place_rights);
  EXPECT_EQ(area_of("/ocs/v2.php/apps/essaim/api/v1/places/3"), Area::ocs_elsewhere);
  EXPECT_EQ(area_of("/admin"), Area::nowhere);
}

TEST(Routes, PicturesOfPeopleHaveTheirAreas) {
  EXPECT_EQ(area_of("/index.php/avatar/lea/64"), Area::avatar);
  EXPECT_EQ(area_of("/index.php/avatar/"), Area::own_avatar);
  EXPECT_EQ(area_of("/remote.php/dav/avatars/lea/64.png"), Area::dav_avatar);
  EXPECT_EQ(area_of("/settings/user"), Area::account);
  EXPECT_EQ(area_of("/index.php/settings/user/picture"), Area::account_picture);
  EXPECT_EQ(area_of("/settings/user/security"), Area::security);
  EXPECT_EQ(area_of("/settings/users"), Area::nowhere);
}

TEST(Routes, AMethodNobodyKnowsHasNoRoute) {
  EXPECT_NE(find_route(Area::dav_files, "HEAD"), nullptr);
  EXPECT_NE(find_route(Area::dav_files, "LOCK"), nullptr);
  EXPECT_EQ(find_route(Area::dav_uploads, "LOCK"), nullptr);
  EXPECT_EQ(find_route(Area::dav_files, "put"), nullptr);
  EXPECT_EQ(find_route(Area::nowhere, "GET"), nullptr);
  EXPECT_EQ(allowed_methods(Area::home), "GET, HEAD, OPTIONS");
}

TEST(Routes, EveryRouteHasExactlyOneHandler) {
  for (int area = 0; area <= static_cast<int>(Area::ocs_elsewhere); ++area) {
    for (std::string_view method :
         {"GET", "PUT", "POST", "PROPFIND", "MOVE", "DELETE", "OPTIONS"}) {
      const Route* route = find_route(static_cast<Area>(area), method);
      if (route == nullptr) continue;
      int handlers =
          (route->plain != nullptr) + (route->read != nullptr) + (route->write != nullptr);
      EXPECT_EQ(handlers, 1) << area << " " << method;
      EXPECT_EQ(route->plain != nullptr, route->sign_in == SignIn::none) << area << " " << method;
    }
  }
}

TEST(Routes, APasswordIsHashedForWritesOfMembersAlone) {
  for (int area = 0; area <= static_cast<int>(Area::icon); ++area) {
    for (std::string_view method : {"GET", "PUT", "POST", "DELETE"}) {
      const Route* route = find_route(static_cast<Area>(area), method);
      if (route == nullptr || route->new_password == nullptr) continue;
      EXPECT_NE(route->write, nullptr) << area << " " << method;
      EXPECT_EQ(route->sign_in, SignIn::required) << area << " " << method;
      EXPECT_EQ(route->body, Body::memory) << area << " " << method;
    }
  }
}

TEST(Routes, EveryAreaSpeaksTheDialectOfItsAddress) {
  EXPECT_EQ(dialect_of(Area::ocs_capabilities), Dialect::ocs);
  EXPECT_EQ(dialect_of(Area::ocs_heartbeat), Dialect::ocs);
  EXPECT_EQ(dialect_of(Area::ocs_elsewhere), Dialect::ocs);
  EXPECT_EQ(dialect_of(Area::avatar), Dialect::web);
  EXPECT_EQ(dialect_of(Area::dav_avatar), Dialect::dav);
}

TEST(Routes, AFormThatSignsInOrChangesIsOnOurPages) {
  for (int area = 0; area <= static_cast<int>(Area::ocs_elsewhere); ++area) {
    const Route* route = find_route(static_cast<Area>(area), "POST");
    if (route == nullptr || dialect_of(route->area) != Dialect::web) continue;
    EXPECT_EQ(route->from, From::our_pages) << area;
  }
}

TEST(Routes, NoKeyInAnAddressReachesTheLog) {
  EXPECT_EQ(path_for_log("/remote.php/direct/s3cret"), "/remote.php/direct/...");
  EXPECT_EQ(path_for_log("/remote.php//direct/s3cret/"), "/remote.php//direct/...");
  EXPECT_EQ(path_for_log("/index.php/login/v2/flow/s3cret"), "/index.php/login/v2/flow/...");
  EXPECT_EQ(path_for_log("/login/v2/flow/s3cret//"), "/login/v2/flow/...");
  EXPECT_EQ(path_for_log("/remote.php/dav/files/lea/a.txt"), "/remote.php/dav/files/lea/a.txt");
}

}  // namespace
}  // namespace essaim::router
