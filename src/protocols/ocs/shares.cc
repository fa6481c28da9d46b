#include "protocols/ocs/shares.h"

#include <algorithm>

#include "base/text/text.h"
#include "features/files/reach.h"
#include "features/members/groups.h"
#include "features/shares/shares.h"
#include "formats/uri/uri.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/share_object.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;
using internal::Params;
using internal::share_object;

// "true", "1". None: it did not come, or is something else.
std::optional<bool> flag(const Params& params, std::string_view name) {
  auto value = params.text(name);
  if (value == "true" || value == "1") return true;
  if (value == "false" || value == "0" || value == "") return false;
  return std::nullopt;
}

// Clients show these as they are.
struct Words {
  Code code;
  std::string_view french;
  std::string_view english;
};
constexpr Words kWords[] = {
    {Code::exists, "C’est déjà partagé avec cette personne ou ce groupe.",
     "This is already shared with this person or group."},
    {Code::forbidden, "Vous ne pouvez pas partager cela ainsi.",
     "You cannot share this like that."},
    {Code::not_found,
     "Partage, élément ou destinataire introuvable, ou droits que vous n’avez pas.",
     "No such share, item or recipient, or rights that you do not have."},
    {Code::bad_request, "Ce partage n’est pas possible : vérifiez les droits et la date.",
     "This share is not possible: check the rights and the date."},
    {Code::too_many, "Il y a trop de partages ici.", "There are too many shares here."},
};

http::Response refused(const call::Call& call, Error error) {
  bool french = call.language == call::Language::french;
  for (const Words& words : kWords) {
    if (words.code != error.code) continue;
    auto text = french ? words.french : words.english;
    // CLIENT: what exists already is a 403 to share dialogs.
    if (error.code == Code::exists) error.code = Code::forbidden;
    return refuse(call.head, error, text);
  }
  return refuse(call.head, call.language, error);
}

call::Answer answer(const call::Call& call, Result<http::Response> response) {
  if (!response) return {refused(call, response.error()), call::Keep::no};
  return std::move(*response);
}

http::Response reply(const call::Call& call, Result<http::Response> response) {
  if (!response) return refused(call, response.error());
  return std::move(*response);
}

http::Response list_of(store::ReadTx& tx, const call::Call& call,
                       const std::vector<shares::Share>& found) {
  json::array out;
  for (const auto& share : found) {
    if (auto object = share_object(tx, call, share)) out.push_back(std::move(*object));
  }
  return ok(call, std::move(out));
}

Result<files::Path> path_in(std::string_view text) {
  return TRY(uri::split_path("/" + text::percent_encode_path(text))).names;
}

Result<files::Node> node_of(store::ReadTx& tx, const call::Call& call, std::string_view text) {
  return files::find(tx, *call.caller, {call.caller->home}, TRY(path_in(text)));
}

Result<GrantId> id_of(const call::Call& call) {
  auto segments = TRY(uri::split_path(call.head.path));
  auto id = text::to_int64(segments.names.back());
  if (!id) return fail(Code::not_found, "no number of a share");
  return GrantId{*id};
}

// Own ones, and those of others for whom the caller manages or may share the node.
std::vector<shares::Share> visible(const access::Caller& caller, const files::Node& node,
                                   std::vector<shares::Share> found, bool others) {
  const auto& rights = node.standing.rights;
  bool all = rights.manage || (others && rights.share);
  std::erase_if(found, [&](const auto& share) { return !all && share.made_by != caller.member; });
  return found;
}

Result<http::Response> run_list(store::ReadTx& tx, const call::Call& call) {
  auto fields = TRY(Params::of(call));
  auto path = fields.text("path");
  if (flag(fields, "shared_with_me").value_or(false)) {
    auto found = shares::received(tx, *call.caller);
    if (path) {
      auto node = TRY(node_of(tx, call, *path));
      std::erase_if(found, [&](const auto& share) { return share.node != node.id; });
    }
    return list_of(tx, call, found);
  }
  if (!path) return list_of(tx, call, shares::made_by(tx, call.caller->member));
  auto node = TRY(node_of(tx, call, *path));
  if (flag(fields, "subfiles").value_or(false)) {
    if (!node.is_folder()) return fail(Code::bad_request, "no folder");
    return list_of(tx, call, visible(*call.caller, node, shares::on_children(tx, node.id), false));
  }
  bool others = flag(fields, "reshares").value_or(false);
  return list_of(tx, call, visible(*call.caller, node, shares::on_node(tx, node.id), others));
}

Result<http::Response> run_inherited(store::ReadTx& tx, const call::Call& call) {
  auto fields = TRY(Params::of(call));
  auto path = TRY(path_in(fields.text("path").value_or("")));
  std::vector<shares::Share> out;
  while (!path.empty()) {
    path.pop_back();
    auto node = TRY(files::find(tx, *call.caller, {call.caller->home}, path));
    for (auto& share : visible(*call.caller, node, shares::on_node(tx, node.id), true)) {
      out.push_back(std::move(share));
    }
  }
  return list_of(tx, call, out);
}

// `[{"scope":"permissions","key":"download","value":false}]`; older clients say `enabled`.
Result<std::optional<bool>> download_in(const std::string& attributes) {
  if (attributes.empty()) return std::optional<bool>();
  boost::system::error_code error;
  auto value = json::parse(attributes, error);
  if (error || !value.is_array()) return fail(Code::bad_request, "attributes");
  std::optional<bool> out;
  for (const auto& each : value.get_array()) {
    const auto* object = each.if_object();
    if (object == nullptr) return fail(Code::bad_request, "attributes");
    const auto* scope = object->if_contains("scope");
    const auto* key = object->if_contains("key");
    const auto* says = object->if_contains("value");
    if (says == nullptr) says = object->if_contains("enabled");
    bool about = scope != nullptr && scope->is_string() && scope->get_string() == "permissions" &&
                 key != nullptr && key->is_string() && key->get_string() == "download";
    if (about && says != nullptr && says->is_bool()) out = says->get_bool();
  }
  return out;
}

std::string attributes_text(std::optional<bool> download) {
  if (!download) return {};
  return std::string(R"([{"scope":"permissions","key":"download","value":)") +
         (*download ? "true" : "false") + "}]";
}

Result<std::optional<Instant>> until_in(const std::optional<std::string>& date) {
  if (!date || date->empty() || *date == "null") return std::optional<Instant>();
  return std::optional(TRY(internal::end_of_day(*date)));
}

Result<access::Grantee> grantee_in(store::ReadTx& tx, const Params& fields) {
  auto type = TRY(fields.number("shareType"));
  auto with = fields.text("shareWith").value_or("");
  if (type == internal::kToMember) {
    auto member = TRY(members::find(tx, with));
    if (member.disabled) return fail(Code::not_found, "a disabled member");
    return access::Grantee{access::Grantee::Kind::member, member.id.value};
  }
  if (type != internal::kToGroup) return fail(Code::bad_request, "unknown share type");
  auto group = members::find_group(tx, with);
  if (group) return access::Grantee{access::Grantee::Kind::group, group->id.value};
  if (with == members::kEveryoneGid) return access::Grantee{access::Grantee::Kind::everyone};
  return fail(Code::not_found, "no such group");
}

// CLIENT: the desktop (3.7.3) offers a password for every share, and shows it as set unless
// refused.
bool asks_for_password(const Params& fields) {
  return !fields.text_or("password", "").empty();
}
http::Response without_password(const call::Call& call) {
  return refuse(call, {400, "Ce qui est partagé avec des personnes n’a pas de mot de passe.",
                       "What is shared with people has no password."});
}

Result<http::Response> run_create(store::WriteTx& tx, const call::Call& call) {
  auto fields = TRY(Params::of(call));
  auto path = fields.text("path");
  if (!path) return fail(Code::not_found, "no path");
  auto node = TRY(node_of(tx, call, *path));
  shares::NewShare wanted;
  wanted.who = TRY(grantee_in(tx, fields));
  if (asks_for_password(fields)) return without_password(call);
  auto permissions = TRY(fields.number("permissions"));
  // Without a wish: what one has, so far as it can be given.
  wanted.permissions = static_cast<int>(permissions.value_or(shares::permissions_of(node)));
  auto download = TRY(download_in(fields.text("attributes").value_or("")));
  wanted.download = download.value_or(node.standing.rights.download);
  wanted.attributes = attributes_text(download);
  wanted.note = fields.text("note").value_or("");
  wanted.label = fields.text("label").value_or("");
  wanted.until = TRY(until_in(fields.text("expireDate")));
  auto share = TRY(shares::create(tx, *call.caller, node, wanted));
  auto object = share_object(tx, call, share);
  if (!object) return fail(Code::internal, "a share that its maker does not see");
  return ok(call, std::move(*object));
}

Result<http::Response> run_update(store::WriteTx& tx, const call::Call& call) {
  auto fields = TRY(Params::of(call));
  if (asks_for_password(fields)) return without_password(call);
  shares::Change change;
  if (auto permissions = TRY(fields.number("permissions"))) {
    change.permissions = static_cast<int>(*permissions);
  }
  if (auto attributes = fields.text("attributes")) {
    change.download = TRY(download_in(*attributes));
    change.attributes = attributes_text(change.download);
  }
  if (auto hide = flag(fields, "hideDownload")) change.download = !*hide;
  if (auto note = fields.text("note")) change.note = std::move(*note);
  if (auto label = fields.text("label")) change.label = std::move(*label);
  if (auto date = fields.text("expireDate")) change.until = TRY(until_in(date));
  bool any = change.permissions || change.download || change.note || change.label || change.until ||
             change.attributes;
  if (!any) return fail(Code::bad_request, "nothing to change");
  auto id = TRY(id_of(call));
  auto share = TRY(shares::update(tx, *call.caller, {call.caller->home}, id, change));
  auto object = share_object(tx, call, share);
  return ok(call, object ? json::value(std::move(*object)) : json::value(json::array()));
}

Result<http::Response> run_delete(store::WriteTx& tx, const call::Call& call) {
  auto id = TRY(id_of(call));
  TRY_VOID(shares::remove(tx, *call.caller, {call.caller->home}, id));
  return ok(call, json::array());
}

Result<http::Response> run_accept(store::WriteTx& tx, const call::Call& call) {
  auto id = TRY(id_of(call));
  auto left = shares::left(tx, *call.caller);
  auto share = std::ranges::find(left, id, &shares::Share::id);
  if (share == left.end()) return fail(Code::not_found, "nothing to accept");
  TRY_VOID(files::come_back(tx, *call.caller, share->node));
  return ok(call, json::array());
}

Result<http::Response> run_decline(store::WriteTx& tx, const call::Call& call) {
  auto id = TRY(id_of(call));
  auto share = TRY(shares::find(tx, *call.caller, {call.caller->home}, id));
  TRY_VOID(files::leave(tx, *call.caller, share.node));
  return ok(call, json::array());
}

}  // namespace

http::Response list_shares(store::ReadTx& tx, const call::Call& call) {
  return reply(call, run_list(tx, call));
}

http::Response show_share(store::ReadTx& tx, const call::Call& call) {
  auto id = id_of(call);
  if (!id) return refused(call, id.error());
  auto share = shares::find(tx, *call.caller, {call.caller->home}, *id);
  if (!share) return refused(call, share.error());
  return list_of(tx, call, {*share});
}

http::Response inherited_shares(store::ReadTx& tx, const call::Call& call) {
  return reply(call, run_inherited(tx, call));
}

// Whoever has left something does not reach its node any more: what is shown is the share alone.
http::Response deleted_shares(store::ReadTx& tx, const call::Call& call) {
  json::array out;
  for (const auto& share : shares::left(tx, *call.caller)) {
    out.push_back(internal::left_object(tx, share));
  }
  return ok(call, std::move(out));
}

http::Response pending_shares(store::ReadTx&, const call::Call& call) {
  // What is shared is there at once; nobody has to accept anything.
  return ok(call, json::array());
}

call::Answer create_share(store::WriteTx& tx, const call::Call& call) {
  return answer(call, run_create(tx, call));
}
call::Answer update_share(store::WriteTx& tx, const call::Call& call) {
  return answer(call, run_update(tx, call));
}
call::Answer delete_share(store::WriteTx& tx, const call::Call& call) {
  return answer(call, run_delete(tx, call));
}
call::Answer accept_share(store::WriteTx& tx, const call::Call& call) {
  return answer(call, run_accept(tx, call));
}
call::Answer decline_share(store::WriteTx& tx, const call::Call& call) {
  return answer(call, run_decline(tx, call));
}

}  // namespace essaim::ocs
