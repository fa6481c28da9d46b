// The route table: which handler answers which method at which address, what it needs of the
// database and of the body, and who may call it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/types.h"
#include "protocols/call/call.h"
#include "protocols/pictures/pictures.h"

namespace essaim::router {

// Families of addresses. Every web address exists with and without /index.php before it.
enum class Area : std::uint8_t {
  nowhere,
  home,        // /
  status,      // /status.php
  no_content,  // /index.php/204
  login,       // /login
  logout,      // /logout
  flow_start,  // /login/v2 and below it: how a client is given an app token
  flow_poll,
  flow_link,  // /login/v2/flow/<token>
  flow_page,  // /login/v2/flow
  flow_grant,
  flow_apptoken,
  old_flow_page,  // /login/flow: the same for clients of before
  old_flow_grant,
  old_flow_apptoken,
  wipe_check,       // /core/wipe/check
  wipe_success,     // /core/wipe/success
  account,          // /settings/user
  account_picture,  // /settings/user/picture
  security,         // /settings/user/security
  second_factor,    // /login/second-factor
  ocs_audit,        // /ocs/v1.php and v2.php/apps/essaim/api/v1/audit
  file_link,        // /f/<file id>
  dav_above,        // /remote.php/dav/ and /remote.php/dav/files/
  dav_files,     // /remote.php/dav/files/<uid>/..., /remote.php/webdav/..., /remote.php/files/...
  dav_uploads,   // /remote.php/dav/uploads/<uid>/<transfer>/...
  dav_trashbin,  // /remote.php/dav/trashbin/<uid>/...
  dav_versions,  // /remote.php/dav/versions/<uid>/...
  dav_direct,    // /remote.php/direct/<token>
  dav_comments,  // /remote.php/dav/comments/...: these in notice_routes.h
  dav_tags,
  dav_tag_relations,
  dav_tags_assigned,
  dav_elsewhere,     // the rest of /remote.php
  ocs_capabilities,  // /ocs/v1.php and v2.php from here on, to ocs_elsewhere
  ocs_user,
  ocs_getapppassword,
  ocs_apppassword,
  ocs_file_lock,
  ocs_direct,  // /apps/files_lock/lock/<file id>
  ocs_usage,   // /apps/essaim/api/v1/usage
  ocs_shares,  // /apps/files_sharing/api/v1 from here on
  ocs_share,   // .../shares/<id>
  ocs_inherited_shares,
  ocs_pending_shares,
  ocs_pending_share,
  ocs_deleted_shares,
  ocs_deleted_share,
  ocs_notifications,  // /apps/notifications/api/v2/notifications
  ocs_notifications_exist,
  ocs_notification,
  ocs_notify_member,
  ocs_activity,  // /apps/activity/api/v2/activity/<filter>
  ocs_activity_filters,
  ocs_users,  // people and groups: /cloud/users and below it, see ocs_routes.cc
  ocs_users_details,
  ocs_account,
  ocs_account_enable,
  ocs_account_disable,
  ocs_account_wipe,
  ocs_account_groups,
  ocs_account_managed,
  ocs_fields,
  ocs_groups,
  ocs_groups_details,
  ocs_group,
  ocs_group_users,
  ocs_group_users_details,
  ocs_group_managers,
  ocs_sharees,
  ocs_sharees_recommended,
  ocs_autocomplete,
  ocs_navigation,
  ocs_search_providers,  // /search/providers
  ocs_search_files,
  ocs_hovercard,
  ocs_status,
  ocs_status_kind,
  ocs_status_ready_message,
  ocs_status_own_message,
  ocs_status_message,
  ocs_status_revert,
  ocs_status_ready_list,
  ocs_statuses,
  ocs_status_of,
  ocs_heartbeat,
  ocs_held,          // /apps/essaim/api/v1/held
  ocs_held_one,      // .../held/<id>
  ocs_review,        // /apps/essaim/api/v1/review
  ocs_places,        // /apps/essaim/api/v1/places
  ocs_place_rights,  // .../places/<file id>/rights
  ocs_elsewhere,
  avatar,              // /index.php/avatar/<uid>/<size>
  own_avatar,          // /index.php/avatar/
  dav_avatar,          // /remote.php/dav/avatars/<uid>/<size>.png
  preview,             // /index.php/core/preview
  preview_by_path,     // /index.php/core/preview.png
  preview_of_binned,   // /index.php/apps/files_trashbin/preview
  preview_of_version,  // /index.php/apps/files_versions/preview
  thumbnail,           // /index.php/apps/files/api/v1/thumbnail/<x>/<y>/<path>
  mime_icon,           // /index.php/core/mimeicon
  icon,                // /core/img/filetypes/<name>.svg and where the theming app has them
};

// Whose words an error is written in.
enum class Dialect : std::uint8_t { dav, ocs, web, flow };

enum class Body : std::uint8_t {
  none,      // refused with 415 by the handler, or ignored
  memory,    // XML, JSON, forms
  blob,      // file content
  joined,    // none of its own: the chunks of an upload are joined on a worker before the turn
  portrait,  // a form with a picture of a person, which is drawn before the turn
};

enum class SignIn : std::uint8_t {
  none,      // for handlers without a database
  optional,  // by Authorization
  required,
  nobody,         // in a turn, whoever calls
  session,        // by the session cookie if there is one; the handler sends others to /login
  form_password,  // by `user` and `password` of the form; the handler is told how that went
  form_token,     // the same with an app token
  form_code,      // nobody yet: a right password has come, and the form has the `code`
  session_form,   // by the cookie; a `password` or `code` in the form is checked besides, and a
                  // `new_password` beside a right one is hashed
};

// Who may have sent it. A form that changes something has to be on a page of this very site.
enum class From : std::uint8_t { anywhere, our_pages };
// Which requests of one address are counted and limited.
enum class Rated : std::uint8_t { no, flow_start };

struct Route {
  Area area;
  std::string_view method;
  SignIn sign_in = SignIn::required;
  Body body = Body::none;
  // Exactly one of the four.
  call::Plain plain = nullptr;
  call::Read read = nullptr;
  call::Write write = nullptr;
  pictures::Plan (*plan)(store::ReadTx&, const call::Call&) = nullptr;  // of a preview
  // Before the body, for Body::blob and Body::portrait.
  call::Admit admit = nullptr;
  From from = From::anywhere;
  Rated rated = Rated::no;
  // For a write that sets a password: what is hashed before its turn.
  call::NewPassword new_password = nullptr;
};

inline constexpr ByteCount kMemoryBodyMax = 64 * kKiB;  // XML and forms
inline constexpr ByteCount kFileBodyMax = 1024 * kGiB;  // one PUT, whatever the quota

// The path as the log may know it: without the token where the address itself is the key.
std::string path_for_log(std::string_view raw_path);
// `raw_path` is still encoded; doubled slashes count as one.
Area area_of(std::string_view raw_path);
Dialect dialect_of(Area area);
// Null: the area does not know the method.
const Route* find_route(Area area, std::string_view method);
// "GET, HEAD": for Allow.
std::string allowed_methods(Area area);

}  // namespace essaim::router
