// Which groups an account is in, and which it manages.
#include <boost/json.hpp>

#include "features/files/places.h"
#include "features/members/groups.h"
#include "features/members/members.h"
#include "protocols/ocs/audit.h"
#include "protocols/ocs/internal/described.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/people.h"
#include "protocols/ocs/people.h"

namespace essaim::ocs {

namespace json = boost::json;
using members::audit::Action;
using namespace internal;
using members::Group;
using members::Manager;
using members::Member;

namespace {

constexpr Refusal kNoneGiven{101, "Quel groupe ?", "Which group?"};
constexpr Refusal kNoGroup{102, "Ce groupe n’existe pas.", "This group does not exist."};
constexpr Refusal kNoAccount{103, "Ce compte n’existe pas.", "This account does not exist."};
constexpr Refusal kNotYourGroup{104, "Vous ne gérez pas ce groupe.",
                                "You do not manage this group."};
constexpr Refusal kGestionGives{104, "Seule la gestion donne ou retire le rôle de gestion.",
                                "Only who manages the space gives or takes that role."};
constexpr CodedRefusal kLastOne[] = {
    {Code::conflict,
     {105, "C’est le dernier compte de gestion : nommez d’abord quelqu’un d’autre.",
      "This is the last account that manages the space: name somebody else first."}}};
constexpr CodedRefusal kNotIn[] = {
    {Code::not_found,
     {105, "Ce compte n’est pas dans ce groupe.", "This account is not in this group."}}};
constexpr CodedRefusal kUnknown[] = {{Code::not_found, kNoSuchAccount}};

// An account and a group, as the path and the parameter `groupid` name them.
struct Pair {
  Member member;
  std::string gid;
  Group group;  // not set for the group that stands for the role gestion
};

// For whoever may add to the group or take out of it.
Or<Pair> pair_of(store::ReadTx& tx, const call::Call& call) {
  auto names = TRY(or_refuse(call, segments_of(call)));
  auto params = TRY(or_refuse(call, Params::of(call)));
  Pair out;
  out.gid = params.text_or("groupid", "");
  bool all = administers(*call.caller);
  if (!all && managed_by(tx, call.caller->member).empty()) return stop(call, kNotYours);
  if (out.gid.empty()) return stop(call, kNoneGiven);
  if (is_gestion(out.gid)) {
    if (call.caller->role != members::Role::gestion) return stop(call, kGestionGives);
    if (!in_person(*call.caller)) return stop(call, kNotInPerson);
  } else {
    auto group = members::find_group(tx, out.gid);
    if (!group) return stop(call, kNoGroup);
    out.group = std::move(*group);
    if (!all && !manages(tx, call.caller->member, out.group.id)) return stop(call, kNotYourGroup);
  }
  auto member = find_person(tx, *call.caller, names[2]);
  if (!member) return stop(call, kNoAccount);
  out.member = std::move(*member);
  return out;
}

Or<json::value> run_join(store::WriteTx& tx, const call::Call& call) {
  auto pair = TRY(pair_of(tx, call));
  if (is_gestion(pair.gid)) {
    constexpr CodedRefusal kWords[] = {{Code::too_many, kNoAccountLeft}};
    auto done = files::set_role(tx, pair.member.id, members::Role::gestion);
    TRY_VOID(or_refuse(call, std::move(done), kWords));
    record(tx, call, Action::role_changed, pair.member.uid + ": gestion");
    return json::array();
  }
  // Who manages already goes on managing.
  if (!manages(tx, pair.member.id, pair.group.id)) {
    files::join_group(tx, pair.group.id, pair.member.id, Manager::no);
    record(tx, call, Action::group_joined, pair.member.uid + ": " + pair.group.gid);
  }
  return json::array();
}

Or<json::value> run_leave(store::WriteTx& tx, const call::Call& call) {
  auto pair = TRY(pair_of(tx, call));
  if (is_gestion(pair.gid)) {
    if (pair.member.role != members::Role::gestion) {
      return tl::unexpected(refusal_of(call, Error{Code::not_found, {}}, kNotIn));
    }
    auto done = files::set_role(tx, pair.member.id, members::Role::member);
    TRY_VOID(or_refuse(call, std::move(done), kLastOne));
    record(tx, call, Action::role_changed, pair.member.uid + ": member");
    return json::array();
  }
  if (!files::leave_group(tx, pair.group.id, pair.member.id)) {
    return tl::unexpected(refusal_of(call, Error{Code::not_found, {}}, kNotIn));
  }
  record(tx, call, Action::group_left, pair.member.uid + ": " + pair.group.gid);
  return json::array();
}

// The groups of the path's account that the caller may know of, or those it manages.
Or<json::value> list_groups(store::ReadTx& tx, const call::Call& call) {
  auto names = TRY(or_refuse(call, segments_of(call)));
  auto member = TRY(or_refuse(call, find_person(tx, *call.caller, names[2]), kUnknown));
  bool own = member.id == call.caller->member;
  if (own || administers(*call.caller)) return json::value{{"groups", group_names(tx, member)}};
  if (!may_list(tx, *call.caller, member)) return stop(call, kNotYours);
  json::array shared;
  for (const auto& belonging : members::groups_of(tx, member.id)) {
    if (manages(tx, call.caller->member, belonging.group.id)) {
      shared.emplace_back(belonging.group.gid);
    }
  }
  return json::value{{"groups", std::move(shared)}};
}

Or<json::value> list_managed(store::ReadTx& tx, const call::Call& call) {
  auto names = TRY(or_refuse(call, segments_of(call)));
  auto member = TRY(or_refuse(call, find_person(tx, *call.caller, names[2]), kUnknown));
  bool own = member.id == call.caller->member;
  if (!own && !administers(*call.caller)) return stop(call, kNotYours);
  json::array gids;
  for (const auto& group : managed_by(tx, member.id)) gids.emplace_back(group.gid);
  return gids;
}

// As pair_of, for who may name managers; the codes of these two endpoints are others.
Or<Pair> managed_pair(store::ReadTx& tx, const call::Call& call, int no_group) {
  if (!administers(*call.caller)) return stop(call, kNotYours);
  auto names = TRY(or_refuse(call, segments_of(call)));
  auto params = TRY(or_refuse(call, Params::of(call)));
  Pair out;
  out.gid = params.text_or("groupid", "");
  auto member = find_person(tx, *call.caller, names[2]);
  if (!member) {
    return stop(call, {101, kNoAccount.french, kNoAccount.english});
  }
  out.member = std::move(*member);
  if (is_gestion(out.gid)) {
    return stop(
        call, {103, "Le groupe admin n’a pas de responsable.", "The group admin has no managers."});
  }
  auto group = members::find_group(tx, out.gid);
  if (!group) return stop(call, {no_group, kNoGroup.french, kNoGroup.english});
  out.group = std::move(*group);
  return out;
}

Or<json::value> run_make_manager(store::WriteTx& tx, const call::Call& call) {
  auto pair = TRY(managed_pair(tx, call, 102));
  files::join_group(tx, pair.group.id, pair.member.id, Manager::yes);
  return json::array();
}

// Stays a member of the group.
Or<json::value> run_unmake_manager(store::WriteTx& tx, const call::Call& call) {
  auto pair = TRY(managed_pair(tx, call, 101));
  if (!manages(tx, pair.member.id, pair.group.id)) {
    return stop(call, {102, "Ce compte ne gère pas ce groupe.",
                       "This account does not manage this group."});
  }
  files::join_group(tx, pair.group.id, pair.member.id, Manager::no);
  return json::array();
}

}  // namespace

http::Response account_groups(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_groups(tx, call));
}

http::Response account_managed(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_managed(tx, call));
}

call::Answer join_group(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_join(tx, call));
}

call::Answer leave_group(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_leave(tx, call));
}

call::Answer make_manager(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_make_manager(tx, call));
}

call::Answer unmake_manager(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_unmake_manager(tx, call));
}

}  // namespace essaim::ocs
