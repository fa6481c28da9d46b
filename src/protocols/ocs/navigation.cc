// What a client shows beside its own screens: where the space can be opened in a browser, and what
// one can do with a person.
#include <boost/json.hpp>

#include "base/secrets/digest.h"
#include "formats/uri/uri.h"
#include "protocols/ocs/handlers.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/people.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace json = boost::json;
using namespace internal;

http::Response navigation(store::ReadTx&, const call::Call& call) {
  bool absolute = uri::form_value(call.head.query, "absolute").value_or("false") == "true";
  std::string base = absolute ? call::base_url(call) : "";
  bool french = call.language == call::Language::french;
  json::array apps;
  apps.push_back(json::object{{"id", "files"},
                              {"order", 0},
                              {"href", base + "/"},
                              {"icon", base + "/core/img/filetypes/folder.svg"},
                              {"type", "link"},
                              {"name", french ? "Fichiers" : "Files"},
                              {"app", "files"},
                              {"active", false},
                              {"unread", 0},
                              {"classes", ""},
                              {"default", true}});
  std::string etag = "\"" + secrets::sha256_hex(json::serialize(apps)).substr(0, 32) + "\"";
  http::Response response;
  if (call.head.headers.get("If-None-Match") == etag) {
    response.status = 304;
    response.body = std::string();
  } else {
    response = ok(call, std::move(apps));
  }
  response.headers.set("ETag", etag);
  return response;
}

http::Response hovercard(store::ReadTx& tx, const call::Call& call) {
  auto names = segments_of(call);
  if (!names) return refuse(call.head, call.language, names.error());
  auto member = find_person(tx, *call.caller, names->back());
  if (!member) return refuse(call.head, call.language, member.error());
  json::array actions;
  if (member->email) {
    actions.push_back(
        json::object{{"title", *member->email},
                     {"icon", call::base_url(call) + "/core/img/filetypes/text-vcard.svg"},
                     {"hyperlink", "mailto:" + *member->email},
                     {"appId", "email"}});
  }
  return ok(call, json::object{{"userId", member->uid},
                               {"displayName", member->display},
                               {"actions", std::move(actions)}});
}

}  // namespace essaim::ocs
