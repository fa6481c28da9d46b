#include "server/router/ocs_routes.h"

#include "protocols/ocs/handlers.h"
#include "protocols/ocs/looking_after.h"
#include "protocols/ocs/people.h"
#include "protocols/ocs/places.h"
#include "protocols/ocs/search.h"
#include "protocols/ocs/sharees.h"
#include "protocols/ocs/status.h"

namespace essaim::router {

namespace {

constexpr Route kPeopleRoutes[] = {
    {.area = Area::ocs_users, .method = "GET", .sign_in = SignIn::required, .read = ocs::users},
    {.area = Area::ocs_users,
     .method = "POST",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::add_user,
     .new_password = ocs::new_user_password},
    {.area = Area::ocs_users_details,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::users_details},
    {.area = Area::ocs_account, .method = "GET", .sign_in = SignIn::required, .read = ocs::account},
    {.area = Area::ocs_account,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::edit_account,
     .new_password = ocs::edited_password},
    {.area = Area::ocs_account,
     .method = "DELETE",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::delete_account},
    {.area = Area::ocs_account_enable,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::enable_account},
    {.area = Area::ocs_account_disable,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::disable_account},
    {.area = Area::ocs_account_wipe,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::wipe_account},
    {.area = Area::ocs_account_wipe,
     .method = "POST",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::wipe_account},
    {.area = Area::ocs_account_groups,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::account_groups},
    {.area = Area::ocs_account_groups,
     .method = "POST",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::join_group},
    {.area = Area::ocs_account_groups,
     .method = "DELETE",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::leave_group},
    {.area = Area::ocs_account_managed,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::account_managed},
    {.area = Area::ocs_account_managed,
     .method = "POST",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::make_manager},
    {.area = Area::ocs_account_managed,
     .method = "DELETE",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::unmake_manager},
    {.area = Area::ocs_fields,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::editable_fields},
    {.area = Area::ocs_groups, .method = "GET", .sign_in = SignIn::required, .read = ocs::groups},
    {.area = Area::ocs_groups,
     .method = "POST",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::add_group},
    {.area = Area::ocs_groups_details,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::groups_details},
    {.area = Area::ocs_group,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::group_users},
    {.area = Area::ocs_group,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::edit_group},
    {.area = Area::ocs_group,
     .method = "DELETE",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::delete_group},
    {.area = Area::ocs_group_users,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::group_users},
    {.area = Area::ocs_group_users_details,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::group_users_details},
    {.area = Area::ocs_group_managers,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::group_managers},

    {.area = Area::ocs_sharees, .method = "GET", .sign_in = SignIn::required, .read = ocs::sharees},
    {.area = Area::ocs_sharees_recommended,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::sharees_recommended},
    {.area = Area::ocs_autocomplete,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::autocomplete},
    {.area = Area::ocs_navigation,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::navigation},
    {.area = Area::ocs_search_providers,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::search_providers},
    {.area = Area::ocs_search_files,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::search_files},
    {.area = Area::ocs_hovercard,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::hovercard},

    {.area = Area::ocs_status,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::own_status},
    {.area = Area::ocs_status_kind,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::set_status},
    {.area = Area::ocs_status_ready_message,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::say_ready_message},
    {.area = Area::ocs_status_own_message,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::say_own_message},
    {.area = Area::ocs_status_message,
     .method = "DELETE",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::say_nothing},
    {.area = Area::ocs_status_revert,
     .method = "DELETE",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::revert_status},
    {.area = Area::ocs_status_ready_list,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::ready_messages},
    {.area = Area::ocs_statuses,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::statuses},
    {.area = Area::ocs_status_of,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::status_of},
    {.area = Area::ocs_heartbeat,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::heartbeat},

    {.area = Area::ocs_held, .method = "GET", .sign_in = SignIn::required, .read = ocs::held},
    {.area = Area::ocs_held_one,
     .method = "POST",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::give_held},
    {.area = Area::ocs_review, .method = "GET", .sign_in = SignIn::required, .read = ocs::review},
    {.area = Area::ocs_places, .method = "GET", .sign_in = SignIn::required, .read = ocs::places},
    {.area = Area::ocs_place_rights,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::place_rights},
    {.area = Area::ocs_place_rights,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::set_place_right},
};

struct Address {
  std::string_view path;  // '*' stands for one segment
  Area area;
};
// The first that fits counts.
constexpr Address kAddresses[] = {
    {"/cloud/users", Area::ocs_users},
    {"/cloud/users/details", Area::ocs_users_details},
    {"/cloud/users/*", Area::ocs_account},
    {"/cloud/users/*/enable", Area::ocs_account_enable},
    {"/cloud/users/*/disable", Area::ocs_account_disable},
    {"/cloud/users/*/wipe", Area::ocs_account_wipe},
    {"/cloud/users/*/groups", Area::ocs_account_groups},
    {"/cloud/users/*/subadmins", Area::ocs_account_managed},
    {"/cloud/user/fields", Area::ocs_fields},
    {"/cloud/user/fields/*", Area::ocs_fields},
    {"/cloud/groups", Area::ocs_groups},
    {"/cloud/groups/details", Area::ocs_groups_details},
    {"/cloud/groups/*", Area::ocs_group},
    {"/cloud/groups/*/users", Area::ocs_group_users},
    {"/cloud/groups/*/users/details", Area::ocs_group_users_details},
    {"/cloud/groups/*/subadmins", Area::ocs_group_managers},
    {"/apps/files_sharing/api/v1/sharees", Area::ocs_sharees},
    {"/apps/files_sharing/api/v1/sharees_recommended", Area::ocs_sharees_recommended},
    {"/core/autocomplete/get", Area::ocs_autocomplete},
    {"/core/navigation/apps", Area::ocs_navigation},
    {"/search/providers", Area::ocs_search_providers},
    {"/search/providers/files/search", Area::ocs_search_files},
    {"/hovercard/v1/*", Area::ocs_hovercard},
    {"/apps/user_status/api/v1/user_status", Area::ocs_status},
    {"/apps/user_status/api/v1/user_status/status", Area::ocs_status_kind},
    {"/apps/user_status/api/v1/user_status/message/predefined", Area::ocs_status_ready_message},
    {"/apps/user_status/api/v1/user_status/message/custom", Area::ocs_status_own_message},
    {"/apps/user_status/api/v1/user_status/message", Area::ocs_status_message},
    {"/apps/user_status/api/v1/user_status/revert/*", Area::ocs_status_revert},
    {"/apps/user_status/api/v1/predefined_statuses", Area::ocs_status_ready_list},
    {"/apps/user_status/api/v1/statuses", Area::ocs_statuses},
    {"/apps/user_status/api/v1/statuses/*", Area::ocs_status_of},
    {"/apps/user_status/api/v1/heartbeat", Area::ocs_heartbeat},
    {"/apps/essaim/api/v1/held", Area::ocs_held},
    {"/apps/essaim/api/v1/held/*", Area::ocs_held_one},
    {"/apps/essaim/api/v1/review", Area::ocs_review},
    {"/apps/essaim/api/v1/places", Area::ocs_places},
    {"/apps/essaim/api/v1/places/*/rights", Area::ocs_place_rights},
};

// The next segment of a path that begins with a slash, taken off it.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool fits(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    auto wanted = take_segment(pattern);
    auto found = take_segment(path);
    if (found.empty() || (wanted != "*" && wanted != found)) return false;
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::span<const Route> people_routes() {
  return kPeopleRoutes;
}

Area people_area(std::string_view path) {
  for (const Address& address : kAddresses) {
    if (fits(address.path, path)) return address.area;
  }
  return Area::ocs_elsewhere;
}

}  // namespace essaim::router
