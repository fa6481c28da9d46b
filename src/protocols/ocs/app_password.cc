// The app passwords that clients fetch and end by themselves.
#include <boost/json.hpp>

#include "features/members/members.h"
#include "protocols/ocs/audit.h"
#include "protocols/ocs/handlers.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace json = boost::json;

call::Answer app_password(store::WriteTx& tx, const call::Call& call) {
  if (call.caller->token) {
    return refuse(call.head, call.language, {Code::forbidden, "signed in with an app token"});
  }
  std::string_view name = call.head.headers.get("User-Agent").value_or("");
  auto token = members::add_token(tx, call.key, call.caller->member, name);
  if (!token) return refuse(call.head, call.language, token.error());
  record_token(tx, call, members::audit::Action::token_given, name);
  return ok(call, json::object{{"apppassword", *token}});
}

call::Answer delete_app_password(store::WriteTx& tx, const call::Call& call) {
  if (!call.caller->token) {
    return refuse(call.head, call.language, {Code::forbidden, "not signed in with an app token"});
  }
  record_token_end(tx, call);
  members::remove_token(tx, call.caller->token);
  return ok(call, json::array());
}

}  // namespace essaim::ocs
