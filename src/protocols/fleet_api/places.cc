// The places of one space and who may do what in them, as the operator sees it: never the name of
// a folder.
#include "features/files/places.h"

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/files/usage.h"
#include "features/members/groups.h"
#include "features/shares/place_rights.h"
#include "protocols/fleet_api/internal/handlers.h"
#include "protocols/fleet_api/internal/json.h"

namespace essaim::fleet_api::internal {

namespace json = boost::json;
using members::audit::Action;

namespace {

json::value word(std::string_view text) {
  return json::string(text.data(), text.size());
}

json::object described(store::ReadTx& tx, const files::PlaceInfo& place) {
  json::object out{{"id", place.root.value},
                   {"kind", word(files::name(place.kind))},
                   {"name", files::place_name(tx, place.root)}};
  if (place.kind != files::PlaceKind::group) return out;
  auto group = members::find_group(tx, GroupId{place.owner});
  if (group) out["group"] = group->gid;
  return out;
}

json::object described(store::ReadTx& tx, const shares::PlaceRight& right) {
  auto whom = access::name_of(tx, right.who);
  json::array words;
  for (auto each : access::words_of(right.rights)) words.push_back(word(each));
  json::object out{{"kind", word(whom.kind)}, {"name", whom.name}, {"rights", std::move(words)}};
  if (right.level) out["level"] = word(access::name(*right.level));
  if (right.until) out["until"] = format_iso8601(*right.until);
  out["share"] = static_cast<bool>(right.share);
  return out;
}

Result<shares::PlaceRights> rights_of(store::ReadTx& tx, const Call& call) {
  auto rights = shares::rights_on(tx, NodeId{text::to_int64(call.names[1]).value_or(0)});
  if (!rights) return fail(Code::not_found, "no folder " + call.names[1] + " in a place");
  return rights;
}

json::array listed(store::ReadTx& tx, const shares::PlaceRights& rights) {
  json::array out;
  for (const auto& each : rights.list) out.push_back(described(tx, each));
  return out;
}

Result<std::optional<access::Level>> level_of(const std::string& wanted) {
  if (wanted == shares::kNoLevel) return std::optional<access::Level>();
  auto level = access::level_named(wanted);
  if (!level) {
    return fail(Code::bad_request, "a level is see, comment, edit, drop, manage or none");
  }
  return level;
}

// The reason in words, where there is one.
Error told(const Error& error, const std::string& whom) {
  if (error.code == Code::conflict) return {error.code, "they always manage this place"};
  if (error.code == Code::exists) return {error.code, "the folder is shared with " + whom};
  if (error.code == Code::too_many) return {error.code, "too many rights on this folder"};
  return error;
}

}  // namespace

Answer list_places(Call& call) {
  auto space = TRY(space_of(call));
  auto list = call.parts.fleet.read(space, [](store::ReadTx& tx) {
    json::array out;
    for (const auto& place : files::places(tx)) {
      if (files::belongs_to_the_space(place)) out.push_back(described(tx, place));
    }
    return Result<json::array>(std::move(out));
  });
  return reply(200, TRY(std::move(list)));
}

Answer list_rights(Call& call) {
  auto space = TRY(space_of(call));
  auto list = call.parts.fleet.read(space, [&](store::ReadTx& tx) -> Result<json::array> {
    return listed(tx, TRY(rights_of(tx, call)));
  });
  return reply(200, TRY(std::move(list)));
}

Answer set_right(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto kind = fields.text("kind");
  auto named = fields.optional_text("name").value_or("");
  auto wanted = fields.text("level");
  TRY_VOID(fields.done());
  auto level = TRY(level_of(wanted));
  auto list = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<json::array> {
    auto before = TRY(rights_of(tx, call));
    auto who = access::grantee_named(tx, kind, named);
    if (!who) return fail(Code::not_found, "no " + kind + " " + named);
    auto done = shares::set_right(tx, before.folder.id, *who, level);
    if (!done) return tl::unexpected(told(done.error(), kind + " " + named));
    if (*done != files::LevelSet::as_before) {
      record(tx, call, Action::rights_changed, shares::audited(tx, before.folder, *who, level));
    }
    return listed(tx, TRY(rights_of(tx, call)));
  });
  return reply(200, TRY(std::move(list)));
}

}  // namespace essaim::fleet_api::internal
