// Second factors and the audit, as the operator sees them.
#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/members/second_factor.h"
#include "formats/uri/uri.h"
#include "protocols/fleet_api/internal/handlers.h"
#include "protocols/fleet_api/internal/json.h"

namespace essaim::fleet_api::internal {

namespace json = boost::json;
using members::audit::Action;

namespace {

// The number in the query; `otherwise` when there is none. Error: bad_request.
Result<std::int64_t> number(const Call& call, std::string_view name, std::int64_t otherwise) {
  auto value = uri::form_value(call.request.head.query, name);
  if (!value || value->empty()) return otherwise;
  auto number = text::to_int64(*value);
  if (!number || *number < 0) return fail(Code::bad_request, std::string(name) + " is no number");
  return *number;
}

}  // namespace

Result<SpaceId> space_of(Call& call) {
  auto record = TRY(call.parts.fleet.registry().show(call.names[0]));
  if (record.state == fleet::State::creating || record.state == fleet::State::deleted) {
    return fail(Code::conflict,
                "space " + record.slug + " is " + std::string(fleet::name(record.state)));
  }
  return record.id;
}

Result<members::Member> member_of(store::ReadTx& tx, const Call& call) {
  const std::string& uid = call.names[1];
  auto member = members::find(tx, uid);
  if (!member && member.error().code == Code::not_found) {
    return fail(Code::not_found, "no member " + uid);
  }
  return member;
}

void record(store::WriteTx& tx, const Call& call, Action action, std::string object) {
  members::audit::record(tx, call.parts.key,
                         {.actor = members::audit::kOperator,
                          .action = action,
                          .object = std::move(object),
                          .address = {}});
}

Answer end_second_factor(Call& call) {
  auto space = TRY(space_of(call));
  auto turn = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<int> {
    auto member = TRY(member_of(tx, call));
    if (!members::end_second_factor(tx, member.id)) {
      return fail(Code::not_found, "member " + member.uid + " has no second factor");
    }
    record(tx, call, Action::second_factor_off, member.uid);
    return 0;
  });
  if (!turn) return tl::unexpected(std::move(turn.error()));
  return reply(200, json::object{});
}

Answer demand_second_factor(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto wanted = fields.text("demanded_of");
  TRY_VOID(fields.done());
  auto of = TRY(members::parse_demanded(wanted));
  auto turn = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<int> {
    members::demand_second_factor(tx, of);
    record(tx, call, Action::second_factor_demanded, std::string(members::name(of)));
    return 0;
  });
  if (!turn) return tl::unexpected(std::move(turn.error()));
  return reply(200, json::object{{"demanded_of", wanted}});
}

Answer list_audit(Call& call) {
  auto space = TRY(space_of(call));
  auto since = TRY(number(call, "since", 0));
  auto limit = TRY(number(call, "limit", members::audit::kListMax));
  if (limit < 1 || limit > members::audit::kListMax) {
    return fail(Code::bad_request, "a limit is 1 to " + std::to_string(members::audit::kListMax));
  }
  using Rows = std::vector<members::audit::Row>;
  auto turn = call.parts.fleet.read(space, [&](store::ReadTx& tx) {
    return Result<Rows>(members::audit::list(tx, since, static_cast<int>(limit)));
  });
  json::array list;
  for (const auto& row : TRY(std::move(turn))) {
    list.push_back(json::object{{"id", row.id},
                                {"time", format_iso8601(row.at)},
                                {"actor", row.actor},
                                {"action", row.action},
                                {"object", row.object},
                                {"address", row.address}});
  }
  return reply(200, list);
}

}  // namespace essaim::fleet_api::internal
