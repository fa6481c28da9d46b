// What is left of people who are gone, and what eats the quota, as the operator sees them: never
// the name of a file.
#include <algorithm>

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/files/places.h"
#include "features/files/usage.h"
#include "protocols/fleet_api/internal/handlers.h"
#include "protocols/fleet_api/internal/json.h"

namespace essaim::fleet_api::internal {

namespace json = boost::json;
using members::audit::Action;

namespace {

json::object described(const files::Held& held) {
  return {{"id", held.root.value},
          {"of", held.of},
          {"since", format_iso8601(held.since)},
          {"until", format_iso8601(held.until())},
          {"files", held.files},
          {"bytes", held.bytes}};
}

Result<files::Held> find_held(store::ReadTx& tx, NodeId root) {
  auto all = files::held(tx);
  auto found = std::ranges::find(all, root, &files::Held::root);
  if (found == all.end()) {
    return fail(Code::not_found, "nothing is held under id " + std::to_string(root.value));
  }
  return std::move(*found);
}

Result<members::Member> find_heir(store::ReadTx& tx, const std::string& uid) {
  auto heir = members::find(tx, uid);
  if (!heir) return fail(Code::not_found, "no member " + uid);
  return heir;
}

// The reason in words, where there is one.
Result<void> told(Result<void> done, const std::string& heir) {
  if (done || done.error().code != Code::conflict) return done;
  return fail(Code::conflict, heir + " cannot take over the files");
}

}  // namespace

Answer hand_over(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto wanted = fields.optional_text("heir");
  TRY_VOID(fields.done());
  auto turn = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<json::object> {
    auto member = TRY(member_of(tx, call));
    TRY_VOID(members::check_dispensable(tx, member));
    json::object out{{"uid", member.uid}};
    std::optional<MemberId> heir;
    std::string object = member.uid;
    if (wanted) {
      auto found = TRY(find_heir(tx, *wanted));
      heir = found.id;
      out["heir"] = found.uid;
      object += ": " + found.uid;
    }
    TRY_VOID(told(files::hand_over(tx, call.parts.blobs, member.id, heir), wanted.value_or("")));
    if (auto held = find_held(tx, member.home)) out["held"] = described(*held);
    record(tx, call, Action::member_removed, std::move(object));
    return out;
  });
  return reply(200, TRY(std::move(turn)));
}

Answer list_held(Call& call) {
  auto space = TRY(space_of(call));
  auto turn = call.parts.fleet.read(
      space, [](store::ReadTx& tx) { return Result<std::vector<files::Held>>(files::held(tx)); });
  json::array list;
  for (const auto& held : TRY(std::move(turn))) list.push_back(described(held));
  return reply(200, list);
}

Answer take_over(Call& call) {
  auto space = TRY(space_of(call));
  auto id = text::to_int64(call.names[1]).value_or(0);
  auto fields = TRY(Fields::parse(call.request.body));
  auto wanted = fields.text("heir");
  TRY_VOID(fields.done());
  auto turn = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<json::object> {
    auto held = TRY(find_held(tx, NodeId{id}));
    auto heir = TRY(find_heir(tx, wanted));
    TRY_VOID(told(files::give_held(tx, held.root, heir.id), heir.uid));
    record(tx, call, Action::files_taken_over, heir.uid + ": " + held.of);
    return json::object{{"id", id}, {"of", held.of}, {"heir", heir.uid}};
  });
  return reply(200, TRY(std::move(turn)));
}

Answer space_usage(Call& call) {
  auto space = TRY(space_of(call));
  auto turn = call.parts.fleet.read(space, [](store::ReadTx& tx) {
    auto usage = files::usage(tx);
    json::array places;
    for (const auto& each : usage.places) {
      auto kind = files::name(each.place.kind);
      places.push_back(json::object{{"kind", json::string_view(kind.data(), kind.size())},
                                    {"name", each.name},
                                    {"files", each.files},
                                    {"contents", each.contents},
                                    {"versions", each.versions},
                                    {"bin", each.bin},
                                    {"bytes", each.bytes()}});
    }
    return Result<json::object>(json::object{{"quota_bytes", usage.quota},
                                             {"used_bytes", usage.used},
                                             {"fullness", files::fullness(tx)},
                                             {"places", std::move(places)}});
  });
  return reply(200, TRY(std::move(turn)));
}

}  // namespace essaim::fleet_api::internal
