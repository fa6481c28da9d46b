// The groups of one space, as the operator sees them.
#include "features/members/groups.h"

#include "base/time/http_date.h"
#include "features/files/places.h"
#include "features/members/members.h"
#include "protocols/fleet_api/internal/handlers.h"
#include "protocols/fleet_api/internal/json.h"

namespace essaim::fleet_api::internal {

namespace json = boost::json;

namespace {

Result<members::Group> find_group(store::ReadTx& tx, const std::string& gid) {
  auto group = members::find_group(tx, gid);
  if (!group) return fail(Code::not_found, "no group " + gid);
  return group;
}

struct Pair {
  members::Group group;
  members::Member member;
};
Result<Pair> pair_of(store::ReadTx& tx, const Call& call) {
  auto group = TRY(find_group(tx, call.names[1]));
  auto member = members::find(tx, call.names[2]);
  if (!member) return fail(Code::not_found, "no member " + call.names[2]);
  return Pair{std::move(group), std::move(*member)};
}

json::object described(store::ReadTx& tx, const members::Group& group) {
  json::array people;
  for (const auto& member : members::members_of(tx, group.id)) people.emplace_back(member.uid);
  json::array managers;
  for (const auto& member : members::managers_of(tx, group.id)) managers.emplace_back(member.uid);
  return {{"gid", group.gid},
          {"display", group.display},
          {"created", format_iso8601(group.created)},
          {"members", std::move(people)},
          {"managers", std::move(managers)}};
}

}  // namespace

Answer list_groups(Call& call) {
  auto space = TRY(space_of(call));
  auto list = call.parts.fleet.read(space, [](store::ReadTx& tx) {
    json::array out;
    for (const auto& group : members::groups(tx)) out.push_back(described(tx, group));
    return Result<json::array>(std::move(out));
  });
  return reply(200, TRY(std::move(list)));
}

Answer add_group(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto gid = fields.text("gid");
  auto display = fields.optional_text("display").value_or("");
  TRY_VOID(fields.done());
  auto group = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<json::object> {
    return described(tx, TRY(files::create_group(tx, gid, display)));
  });
  return reply(201, TRY(std::move(group)));
}

Answer remove_group(Call& call) {
  auto space = TRY(space_of(call));
  auto group = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<json::object> {
    auto found = TRY(find_group(tx, call.names[1]));
    auto gone = described(tx, found);
    if (auto done = files::remove_group(tx, found); !done) {
      return fail(done.error().code, "the folder of group " + found.gid + " is not empty");
    }
    return gone;
  });
  return reply(200, TRY(std::move(group)));
}

Answer join_group(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto manager = fields.flag("manager") ? members::Manager::yes : members::Manager::no;
  TRY_VOID(fields.done());
  auto group = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<json::object> {
    auto pair = TRY(pair_of(tx, call));
    files::join_group(tx, pair.group.id, pair.member.id, manager);
    return described(tx, pair.group);
  });
  return reply(200, TRY(std::move(group)));
}

Answer leave_group(Call& call) {
  auto space = TRY(space_of(call));
  auto group = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<json::object> {
    auto pair = TRY(pair_of(tx, call));
    if (!files::leave_group(tx, pair.group.id, pair.member.id)) {
      return fail(Code::not_found, pair.member.uid + " is not in group " + pair.group.gid);
    }
    return described(tx, pair.group);
  });
  return reply(200, TRY(std::move(group)));
}

}  // namespace essaim::fleet_api::internal
