#include <boost/json.hpp>
#include <cmath>

#include "features/files/quota.h"
#include "features/members/members.h"
#include "protocols/ocs/audit.h"
#include "protocols/ocs/handlers.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;

json::object quota_of(store::ReadTx& tx, const access::Caller& caller) {
  auto place = access::files_of(caller, caller.uid);
  files::Quota quota = place ? files::quota(tx, caller, *place) : files::Quota{};
  ByteCount total = quota.used + quota.available;
  double percent =
      total == 0 ? 0 : 100.0 * static_cast<double>(quota.used) / static_cast<double>(total);
  return {{"free", quota.available},
          {"used", quota.used},
          {"total", total},
          {"relative", std::round(percent * 100) / 100},
          {"quota", total}};
}

}  // namespace

http::Response user(store::ReadTx& tx, const call::Call& call) {
  const access::Caller& caller = *call.caller;
  bool french = caller.locale != "en";
  // CLIENT: the desktop reads display-name with its hyphen; Android accepts both; iOS needs every
  // number as one.
  json::object data{{"id", caller.uid},
                    {"enabled", true},
                    {"display-name", caller.display},
                    {"displayname", caller.display},
                    {"email", caller.email ? json::value(*caller.email) : json::value(nullptr)},
                    {"quota", quota_of(tx, caller)},
                    {"groups", json::array()},
                    {"subadmin", json::array()},
                    {"language", french ? "fr" : "en"},
                    {"locale", french ? "fr_FR" : "en_GB"},
                    {"timezone", "Europe/Paris"},
                    {"phone", ""},
                    {"address", ""},
                    {"website", ""},
                    {"twitter", ""},
                    {"organisation", ""},
                    {"role", ""},
                    {"headline", ""},
                    {"biography", ""},
                    {"profile_enabled", "0"},
                    {"storageLocation", ""},
                    {"lastLogin", caller.seen.ms},
                    {"backend", "Database"},
                    {"backendCapabilities", {{"setDisplayName", false}, {"setPassword", false}}},
                    {"notify_email", nullptr},
                    {"manager", ""}};
  return ok(call, std::move(data));
}

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
