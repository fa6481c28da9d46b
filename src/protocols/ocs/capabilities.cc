#include <boost/json.hpp>

#include "base/secrets/digest.h"
#include "features/files/node.h"
#include "protocols/login/login.h"
#include "protocols/ocs/handlers.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;

json::object core(const call::Call& call) {
  json::object out{{"pollinterval", 60},
                   {"webdav-root", "remote.php/webdav"},
                   {"reference-api", false},
                   {"reference-regex", ""},
                   {"mod-rewrite-working", true}};
  if (call.caller != nullptr) {
    bool french = call.caller->locale != "en";
    out["user"] = {{"language", french ? "fr" : "en"},
                   {"locale", french ? "fr_FR" : "en_GB"},
                   {"timezone", "Europe/Paris"}};
  }
  return out;
}

json::object theming(const call::Call& call) {
  std::string base = call::base_url(call);
  return {{"name", call.space.display_name},
          {"productName", "Essaim"},
          {"url", base},
          {"slogan", ""},
          {"color", "#8a5a00"},
          {"color-text", "#ffffff"},
          {"color-element", "#8a5a00"},
          {"color-element-bright", "#8a5a00"},
          {"color-element-dark", "#8a5a00"},
          {"background", "#8a5a00"},
          {"background-text", "#ffffff"},
          {"background-plain", true},
          {"background-default", false}};
}

// CLIENT: Android reads most of these without asking whether they are there. What is off is said to
// be off; links, mail and other servers are.
json::object sharing() {
  json::object none{{"enabled", false}};
  return {{"api_enabled", true},
          {"resharing", true},
          {"group_sharing", true},
          {"group", {{"enabled", true}, {"expire_date", {{"enabled", true}}}}},
          {"user", {{"send_mail", false}, {"expire_date", {{"enabled", true}}}}},
          {"default_permissions", 31},
          {"exclude_reshare_from_edit", false},
          {"public",
           {{"enabled", false},
            {"upload", false},
            {"supports_upload_only", false},
            {"multiple_links", false},
            {"send_mail", false},
            {"password", {{"enforced", false}, {"askForOptionalPassword", false}}},
            {"expire_date", none}}},
          {"sharebymail", none},
          {"federation", {{"outgoing", false}, {"incoming", false}}},
          {"sharee",
           {{"query_lookup_default", false},
            {"always_show_unique", true},
            {"minSearchStringLength", 0}}}};
}

json::object files() {
  json::array endings;
  for (std::string_view ending : files::kForbiddenEndings) endings.emplace_back(ending);
  // CLIENT: iOS and Android decode these by type; what is not offered is left out, never false in
  // another type.
  return {{"bigfilechunking", true},
          {"undelete", true},
          {"delete_from_trash", true},
          {"versioning", true},
          {"version_labeling", true},
          {"version_deletion", true},
          {"comments", true},
          {"blacklisted_files", json::array{files::kForbiddenName}},
          {"forbidden_filenames", json::array{files::kForbiddenName}},
          {"forbidden_filename_basenames", json::array()},
          {"forbidden_filename_characters", json::array{"\\", "/"}},
          {"forbidden_filename_extensions", std::move(endings)},
          {"windows_compatible_filenames", false},
          {"locking", "1.0"},
          {"api-feature-lock-type", true}};
}

}  // namespace

http::Response capabilities(store::ReadTx&, const call::Call& call) {
  json::object capabilities{{"core", core(call)},
                            {"bruteforce", {{"delay", 0}, {"allow-listed", false}}},
                            {"theming", theming(call)}};
  if (call.caller != nullptr) {
    capabilities["checksums"] = {{"supportedTypes", {"SHA256", "SHA1", "MD5", "ADLER32"}},
                                 {"preferredUploadType", "SHA256"}};
    capabilities["dav"] = {{"chunking", "1.0"},
                           {"search_supports_creation_time", true},
                           {"search_supports_upload_time", true}};
    capabilities["files"] = files();
    capabilities["notifications"] = {{"ocs-endpoints",
                                      {"list", "get", "delete", "delete-all", "icons",
                                       "rich-strings", "action-web", "user-status", "exists"}},
                                     {"admin-notifications", json::array{"ocs"}}};
    capabilities["activity"] = {{"apiv2", {"filters", "filters-api", "previews", "rich-strings"}}};
    capabilities["systemtags"] = {{"enabled", true}};
    capabilities["files_sharing"] = sharing();
    capabilities["provisioning_api"] = {{"version", "1.22.0"}};
    capabilities["user_status"] = {
        {"enabled", true}, {"supports_emoji", true}, {"supports_busy", true}};
  }
  json::object data{{"version",
                     {{"major", login::kMajor},
                      {"minor", login::kMinor},
                      {"micro", login::kMicro},
                      {"string", login::kVersionString},
                      {"edition", ""},
                      {"extendedSupport", false}}},
                    {"capabilities", std::move(capabilities)}};
  std::string etag = "\"" + secrets::sha256_hex(json::serialize(data)).substr(0, 32) + "\"";
  if (call.head.headers.get("If-None-Match") == etag) {
    http::Response response;
    response.status = 304;
    response.headers.set("ETag", etag);
    response.body = std::string();
    return response;
  }
  auto response = ok(call, std::move(data));
  response.headers.set("ETag", etag);
  return response;
}

}  // namespace essaim::ocs
