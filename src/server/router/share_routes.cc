#include "server/router/share_routes.h"

#include "protocols/ocs/handlers.h"
#include "protocols/ocs/shares.h"

namespace essaim::router {

namespace {

constexpr Route kShareRoutes[] = {
    {.area = Area::ocs_usage, .method = "GET", .sign_in = SignIn::required, .read = ocs::usage},
    {.area = Area::ocs_shares,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::list_shares},
    {.area = Area::ocs_shares,
     .method = "POST",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::create_share},
    {.area = Area::ocs_share,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::show_share},
    {.area = Area::ocs_share,
     .method = "PUT",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::update_share},
    {.area = Area::ocs_share,
     .method = "DELETE",
     .sign_in = SignIn::required,
     .write = ocs::delete_share},
    {.area = Area::ocs_inherited_shares,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::inherited_shares},
    {.area = Area::ocs_pending_shares,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::pending_shares},
    {.area = Area::ocs_pending_share,
     .method = "POST",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::accept_share},
    {.area = Area::ocs_pending_share,
     .method = "DELETE",
     .sign_in = SignIn::required,
     .write = ocs::decline_share},
    {.area = Area::ocs_deleted_shares,
     .method = "GET",
     .sign_in = SignIn::required,
     .read = ocs::deleted_shares},
    {.area = Area::ocs_deleted_share,
     .method = "POST",
     .sign_in = SignIn::required,
     .body = Body::memory,
     .write = ocs::accept_share},
};

}  // namespace

std::span<const Route> share_routes() {
  return kShareRoutes;
}

Area share_area(std::string_view path) {
  if (path == "/apps/essaim/api/v1/usage") return Area::ocs_usage;
  constexpr std::string_view kSharing = "/apps/files_sharing/api/v1/";
  if (!path.starts_with(kSharing)) return Area::nowhere;
  path.remove_prefix(kSharing.size());
  if (path == "shares") return Area::ocs_shares;
  if (path == "shares/inherited") return Area::ocs_inherited_shares;
  if (path == "shares/pending") return Area::ocs_pending_shares;
  if (path.starts_with("shares/pending/")) return Area::ocs_pending_share;
  if (path.starts_with("shares/")) return Area::ocs_share;
  if (path == "deletedshares") return Area::ocs_deleted_shares;
  if (path.starts_with("deletedshares/")) return Area::ocs_deleted_share;
  return Area::nowhere;
}

}  // namespace essaim::router
