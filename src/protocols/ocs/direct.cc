// POST /ocs/v2.php/apps/dav/api/v1/direct: an address that opens one file without signing in.
#include <boost/json.hpp>

#include "base/text/text.h"
#include "features/files/direct_links.h"
#include "formats/uri/uri.h"
#include "protocols/ocs/handlers.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace {

// CLIENT: Android sends a form, iOS the same values in the query.
std::optional<std::string> value_of(const call::Call& call, std::string_view name) {
  auto value = uri::form_value(call.body, name);
  return value ? value : uri::form_value(call.head.query, name);
}

Result<http::Response> run(store::WriteTx& tx, const call::Call& call) {
  auto file = text::to_int64(value_of(call, "fileId").value_or(""));
  if (!file) return fail(Code::bad_request, "fileId is no number");
  Duration life = files::kDirectLife;
  if (auto asked = value_of(call, "expirationTime")) {
    auto seconds = text::to_int64(*asked);
    if (!seconds || *seconds < 1 || *seconds > files::kDirectLifeMax.count() / 1'000) {
      return fail(Code::bad_request, "expirationTime is between 1 and 86400 seconds");
    }
    life = Duration{*seconds * 1'000};
  }
  auto place = TRY(access::files_of(*call.caller, call.caller->uid));
  auto token = files::add_direct_link(tx, call.key, *call.caller, place, NodeId{*file}, life);
  if (!token && token.error().code == Code::wrong_kind) {
    return fail(Code::bad_request, "fileId is a folder");
  }
  if (!token) return tl::unexpected(token.error());
  return ok(call,
            boost::json::object{{"url", call::base_url(call) + "/remote.php/direct/" + *token}});
}

}  // namespace

call::Answer direct(store::WriteTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return {refuse(call.head, call.language, response.error()), call::Keep::no};
  return std::move(*response);
}

}  // namespace essaim::ocs
