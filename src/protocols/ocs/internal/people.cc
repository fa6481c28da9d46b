#include "protocols/ocs/internal/people.h"

#include <algorithm>
#include <set>

#include "base/text/text.h"

namespace essaim::ocs::internal {

bool may_administer(const access::Caller& caller, const members::Member& member) {
  if (caller.role == members::Role::gestion) return true;
  return administers(caller) && member.role != members::Role::gestion;
}

std::vector<members::Group> managed_by(store::ReadTx& tx, MemberId caller) {
  std::vector<members::Group> out;
  for (auto& belonging : members::groups_of(tx, caller)) {
    if (belonging.manager == members::Manager::yes) out.push_back(std::move(belonging.group));
  }
  return out;
}

bool manages(store::ReadTx& tx, MemberId caller, GroupId group) {
  auto managed = managed_by(tx, caller);
  return std::ranges::find(managed, group, &members::Group::id) != managed.end();
}

bool may_list(store::ReadTx& tx, const access::Caller& caller, const members::Member& member) {
  if (administers(caller)) return true;
  auto managed = managed_by(tx, caller.member);
  if (managed.empty()) return false;
  for (const auto& belonging : members::groups_of(tx, member.id)) {
    if (std::ranges::find(managed, belonging.group.id, &members::Group::id) != managed.end()) {
      return true;
    }
  }
  return false;
}

namespace {

// Ids of whoever shares a group with the caller, and the caller.
std::set<MemberId> companions(store::ReadTx& tx, MemberId caller) {
  std::set<MemberId> out{caller};
  for (const auto& belonging : members::groups_of(tx, caller)) {
    auto ids = members::member_ids_of(tx, belonging.group.id);
    out.insert(ids.begin(), ids.end());
  }
  return out;
}

}  // namespace

Result<members::Member> find_person(store::ReadTx& tx, const access::Caller& caller,
                                    std::string_view uid) {
  auto member = TRY(members::find(tx, uid));
  bool hidden = caller.role == members::Role::guest && member.id != caller.member &&
                !members::share_a_group(tx, caller.member, member.id);
  if (hidden) return fail(Code::not_found, "no such account");
  return member;
}

std::vector<members::Member> people_seen(store::ReadTx& tx, const access::Caller& caller) {
  auto out = members::list(tx);
  if (caller.role != members::Role::guest) return out;
  auto near = companions(tx, caller.member);
  std::erase_if(out, [&](const members::Member& member) { return !near.contains(member.id); });
  return out;
}

std::vector<members::Group> groups_seen(store::ReadTx& tx, const access::Caller& caller) {
  if (caller.role != members::Role::guest) return members::groups(tx);
  std::vector<members::Group> out;
  for (auto& belonging : members::groups_of(tx, caller.member)) {
    out.push_back(std::move(belonging.group));
  }
  return out;
}

std::vector<members::Member> people_in(store::ReadTx& tx, const members::Group& group) {
  auto out = members::members_of(tx, group.id);
  return out;
}

std::vector<members::Member> people_of_gestion(store::ReadTx& tx) {
  auto out = members::list(tx);
  std::erase_if(
      out, [](const members::Member& member) { return member.role != members::Role::gestion; });
  return out;
}

bool found_in(std::string_view needle, std::span<const std::string> texts) {
  auto key = text::search_key(needle);
  return std::ranges::any_of(texts, [&](const std::string& text) {
    return text::search_key(text).find(key) != std::string::npos;
  });
}

bool found_in(std::string_view needle, const members::Member& member) {
  const std::string texts[] = {member.uid, member.display, member.email.value_or("")};
  return found_in(needle, texts);
}

bool found_in(std::string_view needle, const members::Group& group) {
  const std::string texts[] = {group.gid, group.display};
  return found_in(needle, texts);
}

bool is_gestion(std::string_view gid) {
  return text::equal_ignoring_case(gid, members::kGestionGid);
}

http::Response refusal_of(const call::Call& call, const Error& error,
                          std::span<const CodedRefusal> words) {
  const auto found = std::ranges::find(words, error.code, &CodedRefusal::code);
  if (found != words.end()) return refuse(call, found->refusal);
  return refuse(call.head, call.language, error);
}

http::Response answer_of(const call::Call& call, Or<boost::json::value> data) {
  if (!data) return std::move(data.error());
  return ok(call, std::move(*data));
}

call::Answer change_of(const call::Call& call, Or<boost::json::value> data) {
  if (!data) return {std::move(data.error()), call::Keep::no};
  return ok(call, std::move(*data));
}

}  // namespace essaim::ocs::internal
