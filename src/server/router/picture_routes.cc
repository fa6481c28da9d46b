#include "server/router/picture_routes.h"

#include "protocols/dav/handlers.h"
#include "protocols/pictures/own_picture.h"
#include "protocols/pictures/pictures.h"

namespace essaim::router {

namespace {

constexpr SignIn kNobody = SignIn::none;
constexpr SignIn kMember = SignIn::required;
constexpr SignIn kSession = SignIn::session;

constexpr Route kRoutes[] = {
    {.area = Area::account, .method = "GET", .sign_in = kSession, .read = pictures::account_page},
    {.area = Area::account,
     .method = "POST",
     .sign_in = kSession,
     .body = Body::memory,
     .write = pictures::change_account,
     .from = From::our_pages},
    {.area = Area::account_picture,
     .method = "GET",
     .sign_in = kSession,
     .read = pictures::account_page},
    {.area = Area::account_picture,
     .method = "POST",
     .sign_in = kSession,
     .body = Body::portrait,
     .write = pictures::change_picture,
     .admit = pictures::admit_picture,
     .from = From::our_pages},
    {.area = Area::avatar, .method = "GET", .sign_in = kMember, .read = pictures::avatar},
    {.area = Area::own_avatar,
     .method = "POST",
     .sign_in = kMember,
     .body = Body::portrait,
     .write = pictures::set_avatar,
     .admit = pictures::admit_avatar},
    {.area = Area::own_avatar,
     .method = "DELETE",
     .sign_in = kMember,
     .write = pictures::remove_avatar},
    {.area = Area::dav_avatar, .method = "GET", .sign_in = kMember, .read = pictures::dav_avatar},
    {.area = Area::dav_avatar, .method = "OPTIONS", .sign_in = kNobody, .plain = dav::options},
    {.area = Area::preview, .method = "GET", .sign_in = kMember, .plan = pictures::preview},
    {.area = Area::preview_by_path,
     .method = "GET",
     .sign_in = kMember,
     .plan = pictures::preview_by_path},
    {.area = Area::preview_of_binned,
     .method = "GET",
     .sign_in = kMember,
     .plan = pictures::preview_of_binned},
    {.area = Area::preview_of_version,
     .method = "GET",
     .sign_in = kMember,
     .plan = pictures::preview_of_version},
    {.area = Area::thumbnail, .method = "GET", .sign_in = kMember, .plan = pictures::thumbnail},
    {.area = Area::mime_icon, .method = "GET", .sign_in = kNobody, .plain = pictures::mime_icon},
    {.area = Area::icon, .method = "GET", .sign_in = kNobody, .plain = pictures::icon},
};

}  // namespace

std::span<const Route> picture_routes() {
  return kRoutes;
}

Area picture_area(std::string_view path) {
  if (path == "/settings/user") return Area::account;
  if (path == "/settings/user/picture") return Area::account_picture;
  if (path == "/avatar" || path == "/avatar/") return Area::own_avatar;
  if (path.starts_with("/avatar/")) return Area::avatar;
  if (path == "/core/preview") return Area::preview;
  if (path == "/core/preview.png") return Area::preview_by_path;
  if (path == "/apps/files_trashbin/preview") return Area::preview_of_binned;
  if (path == "/apps/files_versions/preview") return Area::preview_of_version;
  if (path == "/core/mimeicon") return Area::mime_icon;
  if (path.starts_with("/apps/files/api/v1/thumbnail/")) return Area::thumbnail;
  if (path.starts_with("/core/img/filetypes/")) return Area::icon;
  if (path.starts_with("/apps/theming/img/core/filetypes/")) return Area::icon;
  return Area::nowhere;
}

}  // namespace essaim::router
