#include "server/router/routes.h"

#include <array>
#include <initializer_list>
#include <span>

#include "protocols/dav/direct.h"
#include "protocols/dav/file_link.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/locks.h"
#include "protocols/dav/search.h"
#include "protocols/dav/trashbin.h"
#include "protocols/dav/uploads.h"
#include "protocols/dav/versions.h"
#include "protocols/login/flows.h"
#include "protocols/login/login.h"
#include "protocols/login/pages.h"
#include "protocols/login/second_factor.h"
#include "protocols/ocs/audit.h"
#include "protocols/ocs/handlers.h"
#include "protocols/site/site.h"
#include "server/router/notice_routes.h"
#include "server/router/ocs_routes.h"
#include "server/router/picture_routes.h"
#include "server/router/share_routes.h"

namespace essaim::router {

namespace {

http::Response status_page(const call::Call&) {
  return login::status(login::Maintenance::no);
}

constexpr SignIn kNobody = SignIn::none;
constexpr SignIn kMember = SignIn::required;
constexpr SignIn kEither = SignIn::optional;
constexpr SignIn kSession = SignIn::session;

constexpr Route kRoutes[] = {
    {.area = Area::home, .method = "GET", .sign_in = kNobody, .plain = site::home},
    {.area = Area::home, .method = "OPTIONS", .sign_in = kNobody, .plain = dav::options_root},
    {.area = Area::status, .method = "GET", .sign_in = kNobody, .plain = status_page},
    {.area = Area::no_content, .method = "GET", .sign_in = kNobody, .plain = login::no_content},

    {.area = Area::login, .method = "GET", .sign_in = kSession, .read = login::login_page},
    {.area = Area::login,
     .method = "POST",
     .sign_in = SignIn::form_password,
     .body = Body::memory,
     .write = login::log_in,
     .from = From::our_pages},
    {.area = Area::logout, .method = "GET", .sign_in = kSession, .read = login::logout_page},
    {.area = Area::logout,
     .method = "POST",
     .sign_in = kSession,
     .body = Body::memory,
     .write = login::log_out,
     .from = From::our_pages},
    {.area = Area::security, .method = "GET", .sign_in = kSession, .read = login::security_page},
    {.area = Area::security,
     .method = "POST",
     .sign_in = SignIn::session_form,
     .body = Body::memory,
     .write = login::change_security,
     .from = From::our_pages},
    {.area = Area::second_factor,
     .method = "GET",
     .sign_in = SignIn::nobody,
     .read = login::second_factor_page},
    {.area = Area::second_factor,
     .method = "POST",
     .sign_in = SignIn::form_code,
     .body = Body::memory,
     .write = login::second_factor,
     .from = From::our_pages},
    {.area = Area::ocs_audit, .method = "GET", .sign_in = kMember, .read = ocs::audit},

    {.area = Area::flow_start,
     .method = "POST",
     .sign_in = SignIn::nobody,
     .body = Body::memory,
     .write = login::start_flow,
     .rated = Rated::flow_start},
    {.area = Area::flow_poll,
     .method = "POST",
     .sign_in = SignIn::nobody,
     .body = Body::memory,
     .write = login::poll_flow},
    {.area = Area::flow_link, .method = "GET", .sign_in = SignIn::nobody, .read = login::open_flow},
    {.area = Area::flow_page, .method = "GET", .sign_in = kSession, .read = login::flow_page},
    {.area = Area::flow_grant, .method = "GET", .sign_in = kSession, .read = login::consent_page},
    {.area = Area::flow_grant,
     .method = "POST",
     .sign_in = kSession,
     .body = Body::memory,
     .write = login::grant,
     .from = From::our_pages},
    {.area = Area::flow_apptoken,
     .method = "GET",
     .sign_in = SignIn::nobody,
     .read = login::apptoken_page},
    {.area = Area::flow_apptoken,
     .method = "POST",
     .sign_in = SignIn::form_token,
     .body = Body::memory,
     .write = login::grant_apptoken,
     .from = From::our_pages},
    {.area = Area::old_flow_page,
     .method = "GET",
     .sign_in = kSession,
     .read = login::open_old_flow},
    {.area = Area::old_flow_page,
     .method = "POST",
     .sign_in = kSession,
     .body = Body::memory,
     .write = login::grant_old,
     .from = From::our_pages},
    {.area = Area::old_flow_grant,
     .method = "GET",
     .sign_in = kSession,
     .read = login::old_consent_page},
    {.area = Area::old_flow_apptoken,
     .method = "GET",
     .sign_in = SignIn::nobody,
     .read = login::old_apptoken_page},
    {.area = Area::old_flow_apptoken,
     .method = "POST",
     .sign_in = SignIn::form_token,
     .body = Body::memory,
     .write = login::grant_old_apptoken,
     .from = From::our_pages},
    {.area = Area::wipe_check,
     .method = "POST",
     .sign_in = SignIn::nobody,
     .body = Body::memory,
     .read = login::wipe_check},
    {.area = Area::wipe_success,
     .method = "POST",
     .sign_in = SignIn::nobody,
     .body = Body::memory,
     .write = login::wipe_success},

    {.area = Area::file_link, .method = "GET", .sign_in = kSession, .read = dav::file_link},

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

    {.area = Area::dav_trashbin,
     .method = "OPTIONS",
     .sign_in = kNobody,
     .plain = dav::options_bin},
    {.area = Area::dav_trashbin,
     .method = "PROPFIND",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::propfind_bin},
    {.area = Area::dav_trashbin, .method = "GET", .sign_in = kMember, .read = dav::get_binned},
    {.area = Area::dav_trashbin,
     .method = "DELETE",
     .sign_in = kMember,
     .write = dav::delete_binned},
    {.area = Area::dav_trashbin, .method = "MOVE", .sign_in = kMember, .write = dav::move_binned},

    {.area = Area::dav_versions,
     .method = "OPTIONS",
     .sign_in = kNobody,
     .plain = dav::options_versions},
    {.area = Area::dav_versions,
     .method = "PROPFIND",
     .sign_in = kMember,
     .body = Body::memory,
     .read = dav::propfind_versions},
    {.area = Area::dav_versions,
     .method = "PROPPATCH",
     .sign_in = kMember,
     .body = Body::memory,
     .write = dav::proppatch_version},
    {.area = Area::dav_versions, .method = "GET", .sign_in = kMember, .read = dav::get_version},
    {.area = Area::dav_versions,
     .method = "DELETE",
     .sign_in = kMember,
     .write = dav::delete_version},
    {.area = Area::dav_versions, .method = "MOVE", .sign_in = kMember, .write = dav::move_version},

    {.area = Area::dav_elsewhere, .method = "OPTIONS", .sign_in = kNobody, .plain = dav::options},

    {.area = Area::dav_direct, .method = "GET", .sign_in = SignIn::nobody, .read = dav::get_direct},
    {.area = Area::ocs_direct,
     .method = "POST",
     .sign_in = kMember,
     .body = Body::memory,
     .write = ocs::direct},
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
  if (path == "/apps/dav/api/v1/direct") return Area::ocs_direct;
  if (path == "/apps/essaim/api/v1/audit") return Area::ocs_audit;
  Area shares = share_area(path);
  if (shares != Area::nowhere) return shares;
  Area notice = notice_ocs_area(path);
  return notice == Area::nowhere ? people_area(path) : notice;
}

Area web_area(std::string_view path) {
  struct Page {
    std::string_view path;
    Area area;
  };
  constexpr Page kPages[] = {
      {"", Area::home},
      {"/", Area::home},
      {"/204", Area::no_content},
      {"/login", Area::login},
      {"/logout", Area::logout},
      {"/login/v2", Area::flow_start},
      {"/login/v2/poll", Area::flow_poll},
      {"/login/v2/flow", Area::flow_page},
      {"/login/v2/grant", Area::flow_grant},
      {"/login/v2/apptoken", Area::flow_apptoken},
      {"/login/flow", Area::old_flow_page},
      {"/login/flow/grant", Area::old_flow_grant},
      {"/login/flow/apptoken", Area::old_flow_apptoken},
      {"/core/wipe/check", Area::wipe_check},
      {"/core/wipe/success", Area::wipe_success},
      {"/settings/user/security", Area::security},
      {"/login/second-factor", Area::second_factor},
  };
  for (const Page& page : kPages) {
    if (page.path == path) return page.area;
  }
  if (below(path, "/login/v2/flow")) return Area::flow_link;
  if (below(path, "/f")) return Area::file_link;
  return Area::nowhere;
}

Area dav_area(std::string_view path) {
  if (below(path, "/webdav") || below(path, "/files")) return Area::dav_files;
  if (path == "/dav" || path == "/dav/" || path == "/dav/files" || path == "/dav/files/") {
    return Area::dav_above;
  }
  if (below(path, "/dav/files")) return Area::dav_files;
  if (below(path, "/dav/uploads")) return Area::dav_uploads;
  if (below(path, "/dav/avatars")) return Area::dav_avatar;
  if (below(path, "/direct")) return Area::dav_direct;
  if (below(path, "/dav/trashbin")) return Area::dav_trashbin;
  if (below(path, "/dav/versions")) return Area::dav_versions;
  Area notice = notice_dav_area(path);
  return notice == Area::nowhere ? Area::dav_elsewhere : notice;
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
  Area page = web_area(rest);
  return page == Area::nowhere ? picture_area(rest) : page;
}

std::string path_for_log(std::string_view raw_path) {
  Area area = area_of(raw_path);
  if (area != Area::dav_direct && area != Area::flow_link) return std::string(raw_path);
  std::size_t cut = raw_path.find_last_not_of('/');
  cut = cut == std::string_view::npos ? 0 : raw_path.rfind('/', cut) + 1;
  return std::string(raw_path.substr(0, cut)) + "...";
}

Dialect dialect_of(Area area) {
  if (area >= Area::ocs_capabilities && area <= Area::ocs_elsewhere) return Dialect::ocs;
  switch (area) {
    case Area::dav_above:
    case Area::dav_files:
    case Area::dav_uploads:
    case Area::dav_direct:
    case Area::dav_avatar:
    case Area::dav_trashbin:
    case Area::dav_versions:
    case Area::dav_comments:
    case Area::dav_tags:
    case Area::dav_tag_relations:
    case Area::dav_tags_assigned:
    case Area::dav_elsewhere:
      return Dialect::dav;
    case Area::flow_start:
    case Area::flow_poll:
    case Area::wipe_check:
    case Area::wipe_success:
      return Dialect::flow;
    default:
      return Dialect::web;
  }
}

namespace {

std::array<std::span<const Route>, 5> all_routes() {
  return {std::span<const Route>(kRoutes), people_routes(), notice_routes(), share_routes(),
          picture_routes()};
}

}  // namespace

const Route* find_route(Area area, std::string_view method) {
  if (method == "HEAD") method = "GET";
  for (auto routes : all_routes()) {
    for (const Route& route : routes) {
      if (route.area == area && route.method == method) return &route;
    }
  }
  return nullptr;
}

std::string allowed_methods(Area area) {
  std::string out;
  for (auto routes : all_routes()) {
    for (const Route& route : routes) {
      if (route.area != area) continue;
      if (!out.empty()) out += ", ";
      out += route.method;
      if (route.method == "GET") out += ", HEAD";
    }
  }
  return out;
}

}  // namespace essaim::router
