// Accounts one by one and as lists: read, closed, opened, removed.
#include <boost/json.hpp>
#include <set>

#include "features/files/places.h"
#include "features/members/members.h"
#include "protocols/ocs/audit.h"
#include "protocols/ocs/handlers.h"
#include "protocols/ocs/internal/described.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/people.h"
#include "protocols/ocs/people.h"

namespace essaim::ocs {

namespace json = boost::json;
using members::audit::Action;
using namespace internal;
using members::Member;

namespace {

constexpr Refusal kNotOneself{101, "Vous ne pouvez pas faire cela avec votre propre compte.",
                              "You cannot do this with your own account."};
constexpr CodedRefusal kLastOne[] = {
    {Code::conflict,
     {101, "C’est le dernier compte de gestion : nommez d’abord quelqu’un d’autre.",
      "This is the last account that manages the space: name somebody else first."}}};
constexpr CodedRefusal kUnknown[] = {{Code::not_found, kNoSuchAccount}};

// Those that the caller may list and the search finds, by uid.
Or<std::vector<Member>> listed(store::ReadTx& tx, const call::Call& call, std::size_t limit_max) {
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto page = TRY(or_refuse(call, page_of(params, limit_max)));
  auto people = people_seen(tx, *call.caller);
  if (!administers(*call.caller)) {
    std::set<MemberId> mine;
    auto managed = managed_by(tx, call.caller->member);
    if (managed.empty()) return stop(call, kNotYours);
    for (const auto& group : managed) {
      auto ids = members::member_ids_of(tx, group.id);
      mine.insert(ids.begin(), ids.end());
    }
    std::erase_if(people, [&](const Member& member) { return !mine.contains(member.id); });
  }
  auto search = params.text_or("search", "");
  std::erase_if(people, [&](const Member& member) { return !found_in(search, member); });
  return cut(std::move(people), page);
}

// The account that the path names, for whoever looks after it.
Or<Member> administered(store::ReadTx& tx, const call::Call& call) {
  if (!administers(*call.caller)) return stop(call, kNotYours);
  auto names = TRY(or_refuse(call, segments_of(call)));
  auto member = TRY(or_refuse(call, find_person(tx, *call.caller, names[2]), kUnknown));
  if (!may_administer(*call.caller, member)) return stop(call, Code::forbidden);
  if (member.id == call.caller->member) return stop(call, kNotOneself);
  return member;
}

Or<json::value> read_account(store::ReadTx& tx, const call::Call& call) {
  auto names = TRY(or_refuse(call, segments_of(call)));
  auto member = TRY(or_refuse(call, find_person(tx, *call.caller, names[2]), kUnknown));
  bool whole = member.id == call.caller->member || may_list(tx, *call.caller, member);
  return json::value(whole ? whole_account(tx, member) : public_account(tx, member));
}

Or<json::value> list_uids(store::ReadTx& tx, const call::Call& call) {
  json::array uids;
  for (const auto& member : TRY(listed(tx, call, members::kMembersMax))) {
    uids.emplace_back(member.uid);
  }
  return json::value{{"users", std::move(uids)}};
}

Or<json::value> list_details(store::ReadTx& tx, const call::Call& call) {
  json::object people;
  for (const auto& member : TRY(listed(tx, call, kDetailsMax))) {
    people[member.uid] = whole_account(tx, member);
  }
  return json::value{{"users", std::move(people)}};
}

Or<json::value> run_delete(store::WriteTx& tx, const call::Call& call) {
  auto member = TRY(administered(tx, call));
  auto params = TRY(or_refuse(call, Params::of(call)));
  TRY_VOID(or_refuse(call, members::check_dispensable(tx, member), kLastOne));
  // Who takes over what was theirs alone; without a name it is held for 30 days.
  std::optional<MemberId> heir;
  std::string object = member.uid;
  if (auto uid = params.text("heir"); uid && !uid->empty()) {
    // A referent sees nobody's private files, nor gives them to anybody.
    if (call.caller->role != members::Role::gestion) return stop(call, kOnlyGestionGives);
    if (!in_person(*call.caller)) return stop(call, kNotInPerson);
    auto found = TRY(or_refuse(call, find_person(tx, *call.caller, *uid), kUnknown));
    heir = found.id;
    object += ": " + found.uid;
  }
  constexpr CodedRefusal kWords[] = {{Code::conflict, kNoHeir}};
  TRY_VOID(or_refuse(call, files::hand_over(tx, call.blobs, member.id, heir), kWords));
  record(tx, call, Action::member_removed, std::move(object));
  return json::array();
}

Or<json::value> run_disable(store::WriteTx& tx, const call::Call& call) {
  auto member = TRY(administered(tx, call));
  TRY_VOID(or_refuse(call, members::check_dispensable(tx, member), kLastOne));
  members::set_disabled(tx, member.id, true);
  record(tx, call, Action::member_disabled, member.uid);
  return json::array();
}

Or<json::value> run_enable(store::WriteTx& tx, const call::Call& call) {
  auto member = TRY(administered(tx, call));
  members::set_disabled(tx, member.id, false);
  record(tx, call, Action::member_enabled, member.uid);
  return json::array();
}

Or<json::value> run_wipe(store::WriteTx& tx, const call::Call& call) {
  auto member = TRY(administered(tx, call));
  members::wipe_tokens(tx, member.id);
  record(tx, call, Action::token_wiped, member.uid + ": all");
  return json::array();
}

Or<json::value> list_fields(store::ReadTx& tx, const call::Call& call) {
  auto names = TRY(or_refuse(call, segments_of(call)));
  if (names.size() > 3) {
    auto member = TRY(or_refuse(call, find_person(tx, *call.caller, names[3]), kUnknown));
    bool theirs = member.id == call.caller->member || may_administer(*call.caller, member);
    if (!theirs) return stop(call, Code::forbidden);
  }
  json::array fields{"displayname", "email"};
  for (const auto& [field, name] : kProfileNames) {
    fields.emplace_back(json::string_view(name.data(), name.size()));
  }
  return fields;
}

}  // namespace

http::Response user(store::ReadTx& tx, const call::Call& call) {
  auto member = members::find(tx, call.caller->member);
  if (!member) return refuse(call.head, call.language, member.error());
  return ok(call, whole_account(tx, *member));
}

http::Response users(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_uids(tx, call));
}

http::Response users_details(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_details(tx, call));
}

http::Response account(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, read_account(tx, call));
}

http::Response editable_fields(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_fields(tx, call));
}

call::Answer delete_account(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_delete(tx, call));
}

call::Answer disable_account(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_disable(tx, call));
}

call::Answer enable_account(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_enable(tx, call));
}

call::Answer wipe_account(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_wipe(tx, call));
}

}  // namespace essaim::ocs
