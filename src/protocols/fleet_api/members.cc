// The people of one space, as the operator sees them.
#include "features/members/members.h"

#include <algorithm>

#include "base/secrets/secrets.h"
#include "base/text/text.h"
#include "base/time/http_date.h"
#include "base/time/local_day.h"
#include "features/files/places.h"
#include "features/members/picture.h"
#include "protocols/fleet_api/internal/handlers.h"
#include "protocols/fleet_api/internal/json.h"

namespace essaim::fleet_api::internal {

namespace json = boost::json;
using members::audit::Action;

namespace {

struct RoleName {
  members::Role role;
  std::string_view name;
};
constexpr RoleName kRoles[] = {{members::Role::gestion, "gestion"},
                               {members::Role::member, "member"},
                               {members::Role::referent, "referent"},
                               {members::Role::guest, "guest"}};

std::string_view role_name(members::Role role) {
  return std::ranges::find(kRoles, role, &RoleName::role)->name;
}

Result<members::Role> parse_role(std::string_view name) {
  auto found = std::ranges::find(kRoles, name, &RoleName::name);
  if (found != std::end(kRoles)) return found->role;
  return fail(Code::bad_request, "a role is gestion, referent, member or guest");
}

json::object described(const members::Member& member) {
  auto role = role_name(member.role);
  json::object object{{"uid", member.uid},
                      {"display", member.display},
                      {"role", json::string_view(role.data(), role.size())},
                      {"disabled", member.disabled},
                      {"created", format_iso8601(member.created)}};
  if (member.email) object["email"] = *member.email;
  if (member.quota_bytes) object["quota_bytes"] = *member.quota_bytes;
  if (member.expires) object["expires"] = local_day_ending(*member.expires);
  if (member.seen) object["seen"] = format_iso8601(*member.seen);
  return object;
}

}  // namespace

Answer list_members(Call& call) {
  auto space = TRY(space_of(call));
  auto turn = call.parts.fleet.read(space, [](store::ReadTx& tx) {
    return Result<std::vector<members::Member>>(members::list(tx));
  });
  auto found = TRY(std::move(turn));
  json::array list;
  for (const auto& member : found) list.push_back(described(member));
  return reply(200, list);
}

Answer add_member(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  members::NewMember wanted;
  wanted.uid = fields.text("uid");
  wanted.display = fields.optional_text("display").value_or("");
  wanted.email = fields.optional_text("email");
  wanted.quota_bytes = fields.optional_number("quota_bytes");
  auto role = fields.optional_text("role").value_or("member");
  auto password = fields.text("password");
  TRY_VOID(fields.done());
  wanted.role = TRY(parse_role(role));
  if (wanted.quota_bytes.value_or(0) < 0) {
    return fail(Code::bad_request, "a quota is a number of bytes, not below zero");
  }
  TRY_VOID(members::check_password(password));
  wanted.password_hash = secrets::hash_password(password);
  auto member = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<members::Member> {
    auto added = TRY(members::add(tx, wanted));
    TRY(files::create_home(tx, added));
    record(tx, call, Action::member_added, added.uid + ": " + std::string(role_name(added.role)));
    return members::find(tx, added.id);
  });
  return reply(201, described(TRY(std::move(member))));
}

Answer set_password(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto password = fields.text("password");
  TRY_VOID(fields.done());
  TRY_VOID(members::check_password(password));
  auto hash = secrets::hash_password(password);
  auto member = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<members::Member> {
    auto found = TRY(member_of(tx, call));
    members::set_password(tx, found.id, hash);
    record(tx, call, Action::password_changed, found.uid);
    return found;
  });
  return reply(200, described(TRY(std::move(member))));
}

Answer set_disabled(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  bool disabled = fields.flag("disabled");
  TRY_VOID(fields.done());
  auto member = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<members::Member> {
    auto found = TRY(member_of(tx, call));
    members::set_disabled(tx, found.id, disabled);
    record(tx, call, disabled ? Action::member_disabled : Action::member_enabled, found.uid);
    return members::find(tx, found.id);
  });
  return reply(200, described(TRY(std::move(member))));
}

Answer set_role(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto name = fields.text("role");
  TRY_VOID(fields.done());
  auto role = TRY(parse_role(name));
  auto member = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<members::Member> {
    auto found = TRY(member_of(tx, call));
    TRY_VOID(files::set_role(tx, found.id, role));
    record(tx, call, members::audit::Action::role_changed, found.uid + ": " + name);
    return members::find(tx, found.id);
  });
  return reply(200, described(TRY(std::move(member))));
}

Answer set_expiry(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto day = fields.text("day");
  TRY_VOID(fields.done());
  std::optional<Instant> end;
  if (!day.empty()) {
    end = end_of_local_day(day);
    if (!end) return fail(Code::bad_request, "a day is written like 2027-06-14");
  }
  auto member = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<members::Member> {
    auto found = TRY(member_of(tx, call));
    TRY_VOID(members::set_expiry(tx, found.id, end));
    record(tx, call, Action::expiry_changed, found.uid + ": " + (day.empty() ? "never" : day));
    return members::find(tx, found.id);
  });
  return reply(200, described(TRY(std::move(member))));
}

Answer add_token(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto label = fields.text("name");
  TRY_VOID(fields.done());
  if (label.empty()) return fail(Code::bad_request, "a token has a name");
  auto turn = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<std::string> {
    auto member = TRY(member_of(tx, call));
    if (member.disabled) return fail(Code::conflict, "member " + member.uid + " is disabled");
    auto given = members::add_token(tx, call.parts.key, member.id, label);
    if (given) record(tx, call, Action::token_given, member.uid + ": " + label);
    return given;
  });
  auto token = TRY(std::move(turn));
  return reply(201, json::object{{"token", token}});
}

Answer list_tokens(Call& call) {
  auto space = TRY(space_of(call));
  using Tokens = std::vector<members::Token>;
  auto turn = call.parts.fleet.read(space, [&](store::ReadTx& tx) -> Result<Tokens> {
    return members::tokens_of(tx, TRY(member_of(tx, call)).id);
  });
  json::array list;
  for (const auto& token : TRY(std::move(turn))) {
    json::object object{{"id", token.id.value},
                        {"name", token.name},
                        {"created", format_iso8601(token.created)},
                        {"wipe", token.wipe}};
    if (token.used) object["used"] = format_iso8601(*token.used);
    list.push_back(std::move(object));
  }
  return reply(200, list);
}

namespace {

std::string token_name(store::ReadTx& tx, MemberId member, TokenId id) {
  for (const auto& token : members::tokens_of(tx, member)) {
    if (token.id == id) return token.name;
  }
  return {};
}

// `how` is members::end_token or members::wipe_token.
template <class How>
Answer change_token(Call& call, How how, Action action) {
  auto space = TRY(space_of(call));
  auto id = text::to_int64(call.names[2]).value_or(0);
  auto turn = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<int> {
    auto member = TRY(member_of(tx, call));
    std::string object = member.uid + ": " + token_name(tx, member.id, TokenId{id});
    if (!how(tx, member.id, TokenId{id})) {
      return fail(Code::not_found, "member " + member.uid + " has no app token " + call.names[2]);
    }
    record(tx, call, action, std::move(object));
    return 0;
  });
  if (!turn) return tl::unexpected(std::move(turn.error()));
  return reply(200, json::object{{"id", id}});
}

}  // namespace

Answer end_token(Call& call) {
  return change_token(call, members::end_token, Action::token_ended);
}

Answer wipe_token(Call& call) {
  return change_token(call, members::wipe_token, Action::token_wiped);
}

Answer remove_picture(Call& call) {
  auto space = TRY(space_of(call));
  auto turn = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<int> {
    auto member = TRY(member_of(tx, call));
    if (!members::remove_picture(tx, member.id)) {
      return fail(Code::not_found, "member " + member.uid + " has no picture");
    }
    return 0;
  });
  if (!turn) return tl::unexpected(std::move(turn.error()));
  return reply(200, json::object{});
}

}  // namespace essaim::fleet_api::internal
