#include "protocols/ocs/audit.h"

#include <boost/json.hpp>
#include <string>

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/members/members.h"
#include "formats/uri/uri.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;

constexpr std::int64_t kListed = 100;  // rows, when nobody says how many

// The number in the query; `otherwise` when there is none. Error: bad_request.
Result<std::int64_t> number(const call::Call& call, std::string_view name, std::int64_t otherwise) {
  auto value = uri::form_value(call.head.query, name);
  if (!value || value->empty()) return otherwise;
  auto number = text::to_int64(*value);
  if (!number || *number < 0) return fail(Code::bad_request, "a number from 0");
  return *number;
}

Result<json::array> rows(store::ReadTx& tx, const call::Call& call) {
  if (!members::looks_after_people(call.caller->role)) {
    return fail(Code::forbidden, "neither gestion nor referent");
  }
  auto since = TRY(number(call, "since", 0));
  auto limit = TRY(number(call, "limit", kListed));
  if (limit < 1 || limit > members::audit::kListMax) return fail(Code::bad_request, "the limit");
  json::array out;
  for (const auto& row : members::audit::list(tx, since, static_cast<int>(limit))) {
    out.push_back(json::object{{"id", row.id},
                               {"time", format_iso8601(row.at)},
                               {"actor", row.actor},
                               {"action", row.action},
                               {"object", row.object},
                               {"address", row.address}});
  }
  return out;
}

}  // namespace

http::Response audit(store::ReadTx& tx, const call::Call& call) {
  auto found = rows(tx, call);
  if (!found) return refuse(call.head, call.language, found.error());
  return ok(call, std::move(*found));
}

void record(store::WriteTx& tx, const call::Call& call, members::audit::Action action,
            std::string object) {
  members::audit::record(tx, call.key,
                         {.actor = call.caller->uid,
                          .member = call.caller->member,
                          .action = action,
                          .object = std::move(object),
                          .address = call.head.remote_address});
}

void record_token(store::WriteTx& tx, const call::Call& call, members::audit::Action action,
                  std::string_view name) {
  std::string object = call.caller->uid + ": ";
  object += name;
  record(tx, call, action, std::move(object));
}

void record_token_end(store::WriteTx& tx, const call::Call& call) {
  for (const auto& token : members::tokens_of(tx, call.caller->member)) {
    if (token.id != call.caller->token) continue;
    record_token(tx, call, members::audit::Action::token_ended, token.name);
  }
}

}  // namespace essaim::ocs
