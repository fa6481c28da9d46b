#include "server/router/notice_routes.h"

#include "protocols/dav/comments.h"
#include "protocols/dav/tags.h"
#include "protocols/ocs/notices.h"

namespace essaim::router {

namespace {

constexpr SignIn kNobody = SignIn::none;
constexpr SignIn kMember = SignIn::required;

constexpr Route kRoutes[] = {
    {.area = Area::dav_comments,
     .method = "OPTIONS",
     .sign_in = kNobody,
     .plain = dav::options_comments},
    {.area = Area::dav_comments,
     .method = "PROPFIND",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::propfind_comments},
    {.area = Area::dav_comments,
     .method = "REPORT",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::report_comments},
    {.area = Area::dav_comments,
     .method = "POST",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::post_comment},
    {.area = Area::dav_comments,
     .method = "PROPPATCH",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::proppatch_comment},
    {.area = Area::dav_comments,
     .method = "DELETE",
     .sign_in = kMember,
     .write = dav::delete_comment},

    {.area = Area::dav_tags, .method = "OPTIONS", .sign_in = kNobody, .plain = dav::options_tags},
    {.area = Area::dav_tags,
     .method = "PROPFIND",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::propfind_tags},
    {.area = Area::dav_tags,
     .method = "POST",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::post_tag},
    {.area = Area::dav_tags,
     .method = "PROPPATCH",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::proppatch_tag},
    {.area = Area::dav_tags, .method = "DELETE", .sign_in = kMember, .write = dav::delete_tag},
    {.area = Area::dav_tag_relations,
     .method = "OPTIONS",
     .sign_in = kNobody,
     .plain = dav::options_tag_relations},
    {.area = Area::dav_tag_relations,
     .method = "PROPFIND",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::propfind_tag_relations},
    {.area = Area::dav_tag_relations,
     .method = "PUT",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::put_tag_relation},
    {.area = Area::dav_tag_relations,
     .method = "DELETE",
     .sign_in = kMember,
     .write = dav::delete_tag_relation},
    {.area = Area::dav_tags_assigned,
     .method = "OPTIONS",
     .sign_in = kNobody,
     .plain = dav::options_tags_assigned},
    {.area = Area::dav_tags_assigned,
     .method = "PROPFIND",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::propfind_tags_assigned},

    {.area = Area::ocs_notifications,
     .method = "GET",
     .sign_in = kMember,
     .read = ocs::list_notifications},
    {.area = Area::ocs_notifications,
     .method = "DELETE",
     .sign_in = kMember,
     .write = ocs::delete_notifications},
    {.area = Area::ocs_notifications_exist,
     .method = "POST",
     .sign_in = kMember,
     .body = Body::memory,
     .read = ocs::notifications_exist},
    {.area = Area::ocs_notification,
     .method = "GET",
     .sign_in = kMember,
     .read = ocs::get_notification},
    {.area = Area::ocs_notification,
     .method = "DELETE",
     .sign_in = kMember,
     .write = ocs::delete_notification},
    {.area = Area::ocs_notify_member,
     .method = "POST",
     .sign_in = kMember,
     .body = Body::memory,
     .write = ocs::notify_member},
    {.area = Area::ocs_activity, .method = "GET", .sign_in = kMember, .read = ocs::activity},
    {.area = Area::ocs_activity_filters,
     .method = "GET",
     .sign_in = kMember,
     .read = ocs::activity_filters},
};

// True when `path` is `prefix` or goes on with a slash.
bool below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

// True when there is one more name after `prefix`, and `path` ends with it.
bool one_below(std::string_view path, std::string_view prefix) {
  if (!below(path, prefix) || path.size() <= prefix.size() + 1) return false;
  return path.find('/', prefix.size() + 1) == std::string_view::npos;
}

}  // namespace

std::span<const Route> notice_routes() {
  return kRoutes;
}

Area notice_dav_area(std::string_view path) {
  if (below(path, "/dav/comments")) return Area::dav_comments;
  if (below(path, "/dav/systemtags")) return Area::dav_tags;
  if (below(path, "/dav/systemtags-relations")) return Area::dav_tag_relations;
  if (below(path, "/dav/systemtags-assigned")) return Area::dav_tags_assigned;
  return Area::nowhere;
}

Area notice_ocs_area(std::string_view path) {
  constexpr std::string_view kNotifications = "/apps/notifications/api/v2/notifications";
  constexpr std::string_view kActivity = "/apps/activity/api/v2/activity";
  if (path == kNotifications) return Area::ocs_notifications;
  if (path == "/apps/notifications/api/v2/notifications/exists") {
    return Area::ocs_notifications_exist;
  }
  if (one_below(path, kNotifications)) return Area::ocs_notification;
  if (one_below(path, "/apps/notifications/api/v2/admin_notifications")) {
    return Area::ocs_notify_member;
  }
  if (path == "/apps/activity/api/v2/activity/filters") return Area::ocs_activity_filters;
  if (path == kActivity || one_below(path, kActivity)) return Area::ocs_activity;
  return Area::nowhere;
}

}  // namespace essaim::router
