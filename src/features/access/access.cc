#include "features/access/access.h"

#include "base/text/text.h"
#include "features/members/groups.h"

namespace essaim::access {

Caller caller_of(store::ReadTx& tx, const members::Member& member, TokenId token) {
  return {.member = member.id,
          .uid = member.uid,
          .display = member.display,
          .email = member.email,
          .role = member.role,
          .quota_bytes = member.quota_bytes,
          .locale = member.locale,
          .home = member.home,
          .seen = member.seen.value_or(Instant{}),
          .token = token,
          .in_person = !token,
          .identities = identities(tx, member.id, member.role)};
}

Result<Caller> caller_of(store::ReadTx& tx, MemberId id) {
  auto member = TRY(members::find(tx, id));
  if (member.disabled) return fail(Code::not_found, "a disabled member");
  auto caller = caller_of(tx, member, TokenId{});
  caller.in_person = false;
  return caller;
}

namespace {

struct Bit {
  bool Rights::*right;
  std::int64_t value;
};
constexpr Bit kBits[] = {{&Rights::read, 1},    {&Rights::write, 2},     {&Rights::create, 4},
                         {&Rights::remove, 8},  {&Rights::share, 16},    {&Rights::comment, 32},
                         {&Rights::manage, 64}, {&Rights::download, 128}};

}  // namespace

std::int64_t bits_of(const Rights& rights) {
  std::int64_t out = 0;
  for (const Bit& bit : kBits) {
    if (rights.*bit.right) out |= bit.value;
  }
  return out;
}

Rights rights_of(std::int64_t bits) {
  Rights out;
  for (const Bit& bit : kBits) out.*bit.right = (bits & bit.value) != 0;
  return out;
}

Rights operator|(const Rights& a, const Rights& b) {
  return rights_of(bits_of(a) | bits_of(b));
}

bool Rights::covers(const Rights& other) const {
  return (bits_of(other) & ~bits_of(*this)) == 0;
}

Result<Place> files_of(const Caller& caller, std::string_view uid) {
  // CLIENT: some clients send the login in lower case; the canonical uid is what listings show.
  if (!text::equal_ignoring_case(uid, caller.uid) || !caller.home) {
    return fail(Code::not_found, "no such files tree for this caller");
  }
  return Place{caller.home};
}

Rights home_rights(members::Role role) {
  return role == members::Role::guest ? kSee : kManage;
}

}  // namespace essaim::access
