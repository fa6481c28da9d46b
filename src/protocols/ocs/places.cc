#include "protocols/ocs/places.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/files/usage.h"
#include "features/members/groups.h"
#include "features/shares/place_rights.h"
#include "protocols/ocs/audit.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/paths.h"
#include "protocols/ocs/internal/people.h"

namespace essaim::ocs {

namespace json = boost::json;
using namespace internal;

namespace {

constexpr Refusal kNoFolder{404, "Ce n’est pas un dossier de l’espace, ou vous ne le voyez pas.",
                            "This is no folder of the space, or you do not see it."};
constexpr Refusal kNotShown{403, "Il faut pouvoir partager ce dossier pour voir qui y a accès.",
                            "You must be allowed to share this folder to see who has access."};
constexpr Refusal kNotManaged{403, "Il faut gérer ce dossier pour en changer les droits.",
                              "You must manage this folder to change its rights."};
constexpr Refusal kNobody{101, "Cette personne ou ce groupe n’existe pas.",
                          "This person or group does not exist."};
constexpr Refusal kBadLevel{102,
                            "Un droit est : see (voir), comment (commenter), edit (modifier), drop "
                            "(déposer), manage (gérer), ou none (aucun).",
                            "A right is: see, comment, edit, drop, manage, or none."};
constexpr Refusal kManagersStay{103, "Qui gère ce lieu garde le droit de le gérer.",
                                "Whoever manages this place keeps the right to manage it."};
constexpr Refusal kShared{
    104, "Ce dossier est déjà partagé avec cette personne ou ce groupe : changez ce partage.",
    "This folder is already shared with this person or group: change that share."};
constexpr Refusal kFull{105, "Il y a trop de droits sur ce dossier.",
                        "There are too many rights on this folder."};
constexpr CodedRefusal kListWords[] = {{Code::not_found, kNoFolder}, {Code::forbidden, kNotShown}};
constexpr CodedRefusal kSetWords[] = {{Code::not_found, kNoFolder},
                                      {Code::forbidden, kNotManaged},
                                      {Code::conflict, kManagersStay},
                                      {Code::exists, kShared},
                                      {Code::too_many, kFull}};

json::value word_of(const std::optional<access::Level>& level) {
  if (!level) return nullptr;
  return json::string(access::name(*level));
}

json::array listed(const access::Rights& rights) {
  json::array out;
  for (auto word : access::words_of(rights)) out.emplace_back(word);
  return out;
}

json::object described(store::ReadTx& tx, const shares::PlaceSeen& seen) {
  json::object out{{"id", seen.place.root.value},
                   {"kind", files::name(seen.place.kind)},
                   {"group", nullptr},
                   {"name", seen.name},
                   {"path", seen.path ? json::value(slashed(*seen.path)) : nullptr},
                   {"level", word_of(access::level_of(seen.rights))},
                   {"rights", listed(seen.rights)},
                   {"settable", seen.settable}};
  if (seen.place.kind == files::PlaceKind::group) {
    auto group = members::find_group(tx, GroupId{seen.place.owner});
    if (group) out["group"] = group->gid;
  }
  return out;
}

json::object described(store::ReadTx& tx, const shares::PlaceRight& right) {
  auto whom = access::name_of(tx, right.who);
  return {{"kind", whom.kind},
          {"name", whom.name},
          {"display", whom.display},
          {"level", word_of(right.level)},
          {"rights", listed(right.rights)},
          {"until", right.until ? json::value(format_iso8601(*right.until)) : nullptr},
          {"share", right.share ? json::value(right.share.value) : nullptr}};
}

json::object described(store::ReadTx& tx, const shares::PlaceRights& rights) {
  json::array list;
  for (const auto& right : rights.list) list.push_back(described(tx, right));
  return {{"id", rights.folder.id.value},
          {"place", rights.folder.place.root.value},
          {"name", rights.folder.name},
          {"settable", rights.settable},
          {"rights", std::move(list)}};
}

Result<NodeId> folder_in(const call::Call& call) {
  auto names = TRY(segments_of(call));
  auto id = text::to_int64(names[names.size() - 2]);
  if (!id) return fail(Code::not_found, "no number of a folder");
  return NodeId{*id};
}

Or<json::value> list_rights(store::ReadTx& tx, const call::Call& call) {
  auto folder = TRY(or_refuse(call, folder_in(call), kListWords));
  auto rights = TRY(or_refuse(call, shares::rights_on(tx, *call.caller, folder), kListWords));
  return json::value(described(tx, rights));
}

// Somebody of whom the caller may know.
Or<access::Grantee> grantee_in(store::ReadTx& tx, const call::Call& call, const Params& params) {
  auto kind = params.text_or("kind", "");
  auto name = params.text_or("name", "");
  auto who = access::grantee_named(tx, kind, name);
  if (!who) return stop(call, kNobody);
  using Kind = access::Grantee::Kind;
  if (who->kind == Kind::member && !find_person(tx, *call.caller, name)) return stop(call, kNobody);
  if (who->kind == Kind::group || who->kind == Kind::managers) {
    auto seen = groups_seen(tx, *call.caller);
    bool known = std::ranges::find(seen, GroupId{who->id}, &members::Group::id) != seen.end();
    if (!known) return stop(call, kNobody);
  }
  return *who;
}

// None: nothing is left to them.
Or<std::optional<access::Level>> level_in(const call::Call& call, const Params& params) {
  auto word = params.text_or("level", "");
  if (word == shares::kNoLevel) return std::optional<access::Level>();
  auto level = access::level_named(word);
  if (!level) return stop(call, kBadLevel);
  return level;
}

Or<json::value> run_set(store::WriteTx& tx, const call::Call& call) {
  const access::Caller& caller = *call.caller;
  auto id = TRY(or_refuse(call, folder_in(call), kSetWords));
  auto before = TRY(or_refuse(call, shares::rights_on(tx, caller, id), kSetWords));
  if (!before.settable) return stop(call, kNotManaged);
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto who = TRY(grantee_in(tx, call, params));
  auto level = TRY(level_in(call, params));
  auto done = TRY(or_refuse(call, shares::set_right(tx, caller, id, who, level), kSetWords));
  if (done != files::LevelSet::as_before) {
    record(tx, call, members::audit::Action::rights_changed,
           shares::audited(tx, before.folder, who, level));
  }
  auto after = shares::rights_on(tx, caller, id);
  // They may have taken their own right away.
  return after ? json::value(described(tx, *after)) : json::value(json::array());
}

}  // namespace

http::Response places(store::ReadTx& tx, const call::Call& call) {
  json::array out;
  for (const auto& seen : shares::places(tx, *call.caller)) out.push_back(described(tx, seen));
  return ok(call, std::move(out));
}

http::Response place_rights(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_rights(tx, call));
}

call::Answer set_place_right(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_set(tx, call));
}

}  // namespace essaim::ocs
