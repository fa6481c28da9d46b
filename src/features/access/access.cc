#include "features/access/access.h"

#include "base/text/text.h"

namespace essaim::access {

Caller caller_of(const members::Member& member, TokenId token) {
  return {.member = member.id,
          .uid = member.uid,
          .display = member.display,
          .email = member.email,
          .role = member.role,
          .quota_bytes = member.quota_bytes,
          .locale = member.locale,
          .home = member.home,
          .seen = member.seen.value_or(Instant{}),
          .token = token};
}

Result<Caller> caller_of(store::ReadTx& tx, MemberId id) {
  auto member = TRY(members::find(tx, id));
  if (member.disabled) return fail(Code::not_found, "a disabled member");
  return caller_of(member, TokenId{});
}

Result<Place> files_of(const Caller& caller, std::string_view uid) {
  // CLIENT: some clients send the login in lower case; the canonical uid is what listings show.
  if (!text::equal_ignoring_case(uid, caller.uid) || !caller.home) {
    return fail(Code::not_found, "no such files tree for this caller");
  }
  return Place{
      caller.home,
      {.read = true, .write = true, .create = true, .remove = true, .rename = true, .move = true}};
}

}  // namespace essaim::access
