#include "server/router/routes.h"

#include "protocols/dav/handlers.h"
#include "protocols/dav/locks.h"
#include "protocols/dav/search.h"
#include "protocols/dav/uploads.h"
#include "protocols/login/login.h"
#include "protocols/ocs/handlers.h"
#include "protocols/site/site.h"

namespace essaim::router {

namespace {

http::Response status_page(const call::Call&) {
  return login::status(login::Maintenance::no);
}

constexpr SignIn kNobody = SignIn::none;
constexpr SignIn kMember = SignIn::required;
constexpr SignIn kEither = SignIn::optional;

constexpr Route kRoutes[] = {
    {.area = Area::home, .method = "GET", .sign_in = kNobody, .plain = site::home},
    {.area = Area::home, .method = "OPTIONS", .sign_in = kNobody, .plain = dav::options_root},
    {.area = Area::status, .method = "GET", .sign_in = kNobody, .plain = status_page},
    {.area = Area::no_content, .method = "GET", .sign_in = kNobody, .plain = login::no_content},

    {.area = Area::dav_above, .method = "OPTIONS", .sign_in = kNobody, .plain = dav::options},
    {.area = Area::dav_above,
     .method = "PROPFIND",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::propfind_above},

    {.area = Area::dav_above,
     .method = "SEARCH",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::search},

    {.area = Area::dav_files, .method = "OPTIONS", .sign_in = kNobody, .plain = dav::options},
    {.area = Area::dav_files,
     .method = "PROPFIND",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::propfind},
    {.area = Area::dav_files,
     .method = "PROPPATCH",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::proppatch},
    {.area = Area::dav_files, .method = "GET", .sign_in = kMember, .read = dav::get},
    {.area = Area::dav_files,
     .method = "PUT",
     .sign_in = kMember,
     .body = Body::blob,
     .write = dav::put,
     .admit = dav::admit_put},
    {.area = Area::dav_files,
     .method = "MKCOL",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::mkcol},
    {.area = Area::dav_files, .method = "DELETE", .sign_in = kMember, .write = dav::remove},
    {.area = Area::dav_files, .method = "COPY", .sign_in = kMember, .write = dav::copy},
    {.area = Area::dav_files, .method = "MOVE", .sign_in = kMember, .write = dav::move},
    {.area = Area::dav_files,
     .method = "LOCK",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::lock},
    {.area = Area::dav_files, .method = "UNLOCK", .sign_in = kMember, .write = dav::unlock},
    {.area = Area::dav_files,
     .method = "SEARCH",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::search},
    {.area = Area::dav_files,
     .method = "REPORT",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::report},

    {.area = Area::dav_uploads, .method = "OPTIONS", .sign_in = kNobody, .plain = dav::options},
    {.area = Area::dav_uploads,
     .method = "PROPFIND",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::propfind_upload},
    {.area = Area::dav_uploads,
     .method = "PUT",
     .sign_in = kMember,
     .body = Body::blob,
     .write = dav::put_chunk,
     .admit = dav::admit_chunk},
    {.area = Area::dav_uploads,
     .method = "MKCOL",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::mkcol_upload},
    {.area = Area::dav_uploads,
     .method = "DELETE",
     .sign_in = kMember,
     .write = dav::delete_upload},
    {.area = Area::dav_uploads,
     .method = "MOVE",
     .sign_in = kMember,
     .body = Body::joined,
     .write = dav::move_upload},

    {.area = Area::dav_elsewhere, .method = "OPTIONS", .sign_in = kNobody, .plain = dav::options},

    {.area = Area::ocs_capabilities,
     .method = "GET",
     .sign_in = kEither,
     .read = ocs::capabilities},
    {.area = Area::ocs_file_lock,
     .method = "PUT",
     .sign_in = kMember,
     .body = Body::memory,
     .write = ocs::lock_file},
    {.area = Area::ocs_file_lock,
     .method = "DELETE",
     .sign_in = kMember,
     .write = ocs::unlock_file},
    {.area = Area::ocs_user, .method = "GET", .sign_in = kMember, .read = ocs::user},
    {.area = Area::ocs_getapppassword,
     .method = "GET",
     .sign_in = kMember,
     .write = ocs::app_password},
    {.area = Area::ocs_apppassword,
     .method = "DELETE",
     .sign_in = kMember,
     .write = ocs::delete_app_password},
};

std::string collapsed(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out.push_back(c);
  }
  return out;
}

// True when `path` is `prefix` or goes on with a slash.
bool below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

Area ocs_area(std::string_view path) {
  if (path == "/cloud/capabilities") return Area::ocs_capabilities;
  if (path == "/cloud/user") return Area::ocs_user;
  if (path == "/core/getapppassword") return Area::ocs_getapppassword;
  if (path == "/core/apppassword") return Area::ocs_apppassword;
  if (path.starts_with("/apps/files_lock/lock/")) return Area::ocs_file_lock;
  return Area::ocs_elsewhere;
}

Area dav_area(std::string_view path) {
  if (below(path, "/webdav") || below(path, "/files")) return Area::dav_files;
  if (path == "/dav" || path == "/dav/" || path == "/dav/files" || path == "/dav/files/") {
    return Area::dav_above;
  }
  if (below(path, "/dav/files")) return Area::dav_files;
  if (below(path, "/dav/uploads")) return Area::dav_uploads;
  return Area::dav_elsewhere;
}

}  // namespace

Area area_of(std::string_view raw_path) {
  std::string path = collapsed(raw_path);
  std::string_view rest(path);
  if (below(rest, "/remote.php"))
    return dav_area(rest.substr(std::string_view("/remote.php").size()));
  if (below(rest, "/ocs/v1.php") || below(rest, "/ocs/v2.php")) {
    return ocs_area(rest.substr(std::string_view("/ocs/v1.php").size()));
  }
  if (rest == "/status.php") return Area::status;
  if (below(rest, "/index.php")) rest.remove_prefix(std::string_view("/index.php").size());
  if (rest.empty() || rest == "/") return Area::home;
  if (rest == "/204") return Area::no_content;
  return Area::nowhere;
}

Dialect dialect_of(Area area) {
  switch (area) {
    case Area::dav_above:
    case Area::dav_files:
    case Area::dav_uploads:
    case Area::dav_elsewhere:
      return Dialect::dav;
    case Area::ocs_capabilities:
    case Area::ocs_user:
    case Area::ocs_getapppassword:
    case Area::ocs_apppassword:
    case Area::ocs_file_lock:
    case Area::ocs_elsewhere:
      return Dialect::ocs;
    case Area::nowhere:
    case Area::home:
    case Area::status:
    case Area::no_content:
      return Dialect::web;
  }
  return Dialect::web;
}

const Route* find_route(Area area, std::string_view method) {
  if (method == "HEAD") method = "GET";
  for (const Route& route : kRoutes) {
    if (route.area == area && route.method == method) return &route;
  }
  return nullptr;
}

std::string allowed_methods(Area area) {
  std::string out;
  for (const Route& route : kRoutes) {
    if (route.area != area) continue;
    if (!out.empty()) out += ", ";
    out += route.method;
    if (route.method == "GET") out += ", HEAD";
  }
  return out;
}

}  // namespace essaim::router
