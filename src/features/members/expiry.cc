#include <vector>

#include "base/core/check.h"
#include "features/members/audit.h"
#include "features/members/members.h"

namespace essaim::members {

Result<void> set_expiry(store::WriteTx& tx, MemberId id, std::optional<Instant> end) {
  auto member = TRY(find(tx, id));
  if (member.role != Role::guest) {
    return fail(Code::conflict,
                member.uid + " is no guest: only guests' accounts end by themselves");
  }
  if (end && *end <= tx.now()) return fail(Code::bad_request, "this day is over already");
  // What the old end has closed stays closed.
  std::optional<std::int64_t> at;
  if (end) at = end->ms;
  tx.execute(R"sql(UPDATE member SET expires_at = ?, disabled = ? WHERE id = ?)sql", at,
             member.disabled ? 1 : 0, id);
  return {};
}

int end_expired(store::WriteTx& tx, const secrets::Key& key, int most) {
  std::vector<MemberId> over;
  {
    auto rows = tx.query(R"sql(
      SELECT id FROM member WHERE expires_at <= ? AND disabled = 0 ORDER BY id LIMIT ?)sql",
                         tx.now().ms, most);
    while (rows.next()) over.push_back({rows.int64(0)});
  }
  for (MemberId id : over) {
    auto member = find(tx, id);
    CHECK(member);
    set_disabled(tx, id, true);
    audit::record(tx, key,
                  {.actor = audit::kServer,
                   .action = audit::Action::member_disabled,
                   .object = member->uid + ": expired",
                   .address = {}});
  }
  return static_cast<int>(over.size());
}

}  // namespace essaim::members
