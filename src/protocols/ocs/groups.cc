// Groups: listed, made, renamed, removed; and who is in them.
#include "features/members/groups.h"

#include <boost/json.hpp>

#include "features/files/places.h"
#include "features/members/members.h"
#include "protocols/ocs/internal/described.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/people.h"
#include "protocols/ocs/people.h"

namespace essaim::ocs {

namespace json = boost::json;
using namespace internal;
using members::Group;
using members::Member;

namespace {

constexpr Refusal kNoGroup{404, "Ce groupe n’existe pas.", "This group does not exist."};
constexpr Refusal kNoGroupToChange{101, kNoGroup.french, kNoGroup.english};
constexpr Refusal kBadName{101, "Un groupe a un nom de 1 à 64 octets, sans barre oblique.",
                           "A group has a name of 1 to 64 bytes, without a slash."};
constexpr Refusal kTaken{102, "Ce groupe existe déjà.", "This group exists already."};
constexpr Refusal kGestionStays{102, "Le groupe admin ne se modifie pas.",
                                "The group admin cannot be changed."};
constexpr Refusal kFull{103, "L’espace a son plus grand nombre de groupes.",
                        "The space has its highest number of groups."};
constexpr CodedRefusal kWords[] = {
    {Code::bad_request, kBadName}, {Code::exists, kTaken}, {Code::too_many, kFull}};

// The group of the path; none when it is the one that stands for the role gestion.
Or<std::optional<Group>> group_of(store::ReadTx& tx, const call::Call& call,
                                  const Refusal& unknown) {
  auto names = TRY(or_refuse(call, segments_of(call)));
  if (is_gestion(names[2])) return std::nullopt;
  auto group = members::find_group(tx, names[2]);
  if (!group) return stop(call, unknown);
  return std::optional<Group>(std::move(*group));
}

// The people of the path's group, for whoever looks after people or manages that group.
Or<std::vector<Member>> listed(store::ReadTx& tx, const call::Call& call) {
  bool all = administers(*call.caller);
  if (!all && managed_by(tx, call.caller->member).empty()) return stop(call, kNotYours);
  auto group = TRY(group_of(tx, call, kNoGroup));
  if (!all && !(group && manages(tx, call.caller->member, group->id))) {
    return stop(call, kNotYours);
  }
  return group ? people_in(tx, *group) : people_of_gestion(tx);
}

Or<json::value> list_users(store::ReadTx& tx, const call::Call& call) {
  json::array uids;
  for (const auto& member : TRY(listed(tx, call))) uids.emplace_back(member.uid);
  return json::value{{"users", std::move(uids)}};
}

Or<json::value> list_users_details(store::ReadTx& tx, const call::Call& call) {
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto page = TRY(or_refuse(call, page_of(params, kDetailsMax)));
  auto people = TRY(listed(tx, call));
  auto search = params.text_or("search", "");
  std::erase_if(people, [&](const Member& member) { return !found_in(search, member); });
  json::object details;
  for (const auto& member : cut(std::move(people), page)) {
    details[member.uid] = whole_account(tx, member);
  }
  return json::value{{"users", std::move(details)}};
}

Or<json::value> list_managers(store::ReadTx& tx, const call::Call& call) {
  if (!administers(*call.caller)) return stop(call, kNotYours);
  auto group = TRY(group_of(tx, call, kNoGroupToChange));
  json::array uids;
  if (!group) return uids;
  for (const auto& member : members::managers_of(tx, group->id)) {
    uids.emplace_back(member.uid);
  }
  return uids;
}

struct Listed {
  std::string gid;
  std::string display;
  std::optional<Group> group;  // none: the role gestion
};

// The group of gestion first, then by name.
Or<std::vector<Listed>> found_groups(store::ReadTx& tx, const call::Call& call) {
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto page = TRY(or_refuse(call, page_of(params, members::kGroupsMax + 1)));
  auto search = params.text_or("search", "");
  std::vector<Listed> out;
  const std::string gestion(members::kGestionGid);
  bool guest = call.caller->role == members::Role::guest;
  if (!guest && found_in(search, std::span(&gestion, 1))) {
    out.push_back({gestion, gestion, std::nullopt});
  }
  for (auto& group : groups_seen(tx, *call.caller)) {
    if (!found_in(search, group)) continue;
    out.push_back({group.gid, group.display, group});
  }
  return cut(std::move(out), page);
}

Or<json::value> list_groups(store::ReadTx& tx, const call::Call& call) {
  json::array gids;
  for (const auto& each : TRY(found_groups(tx, call))) gids.emplace_back(each.gid);
  return json::value{{"groups", std::move(gids)}};
}

Or<json::value> list_groups_details(store::ReadTx& tx, const call::Call& call) {
  if (!administers(*call.caller)) return stop(call, kNotYours);
  json::array out;
  for (const auto& each : TRY(found_groups(tx, call))) {
    auto people = each.group ? people_in(tx, *each.group) : people_of_gestion(tx);
    auto disabled = std::ranges::count_if(people, &Member::disabled);
    bool may = each.group.has_value() || call.caller->role == members::Role::gestion;
    out.push_back(json::object{{"id", each.gid},
                               {"displayname", each.display},
                               {"usercount", people.size()},
                               {"disabled", disabled},
                               {"canAdd", may},
                               {"canRemove", may}});
  }
  return json::value{{"groups", std::move(out)}};
}

Or<json::value> run_add(store::WriteTx& tx, const call::Call& call) {
  if (!administers(*call.caller)) return stop(call, kNotYours);
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto made =
      files::create_group(tx, params.text_or("groupid", ""), params.text_or("displayname", ""));
  TRY(or_refuse(call, std::move(made), kWords));
  return json::array();
}

Or<json::value> run_edit(store::WriteTx& tx, const call::Call& call) {
  if (!administers(*call.caller)) return stop(call, kNotYours);
  auto group = TRY(group_of(tx, call, kNoGroupToChange));
  auto params = TRY(or_refuse(call, Params::of(call)));
  if (!group) return stop(call, kGestionStays);
  if (params.text_or("key", "") != "displayname") {
    return stop(call, {101, "Cela ne se modifie pas ici.", "This cannot be changed here."});
  }
  auto done = files::rename_group(tx, *group, params.text_or("value", ""));
  TRY_VOID(or_refuse(call, std::move(done), kWords));
  return json::array();
}

Or<json::value> run_delete(store::WriteTx& tx, const call::Call& call) {
  if (!administers(*call.caller)) return stop(call, kNotYours);
  auto group = TRY(group_of(tx, call, kNoGroupToChange));
  if (!group) return stop(call, kGestionStays);
  constexpr CodedRefusal kNotEmpty[] = {
      {Code::conflict,
       {102, "Le dossier du groupe n’est pas vide : déplacez d’abord ce qu’il contient.",
        "The folder of the group is not empty: move what it holds first."}}};
  TRY_VOID(or_refuse(call, files::remove_group(tx, *group), kNotEmpty));
  return json::array();
}

}  // namespace

http::Response groups(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_groups(tx, call));
}

http::Response groups_details(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_groups_details(tx, call));
}

http::Response group_users(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_users(tx, call));
}

http::Response group_users_details(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_users_details(tx, call));
}

http::Response group_managers(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_managers(tx, call));
}

call::Answer add_group(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_add(tx, call));
}

call::Answer edit_group(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_edit(tx, call));
}

call::Answer delete_group(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_delete(tx, call));
}

}  // namespace essaim::ocs
