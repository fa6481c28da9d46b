#include "features/members/profile.h"

#include <algorithm>

namespace essaim::members {

namespace {

bool has_lines(ProfileField field) {
  return field == ProfileField::address || field == ProfileField::biography;
}

Result<void> check(ProfileField field, std::string_view text) {
  if (text.size() > (has_lines(field) ? kProfileTextMax : kProfileLineMax)) {
    return fail(Code::bad_request, "this part of the profile is too long");
  }
  auto control = [lines = has_lines(field)](char c) {
    if (lines && (c == '\n' || c == '\r' || c == '\t')) return false;
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  };
  if (std::ranges::any_of(text, control)) {
    return fail(Code::bad_request, "a profile has no control characters");
  }
  // It becomes a link in the others' clients, and a link may also be a script.
  bool web = text.empty() || text.starts_with("https://") || text.starts_with("http://");
  if (field == ProfileField::website && !web) {
    return fail(Code::bad_request, "a website starts with https:// or http://");
  }
  return {};
}

}  // namespace

Profile profile_of(store::ReadTx& tx, MemberId member) {
  Profile out;
  auto rows = tx.query(R"sql(
    SELECT field, value FROM profile_field WHERE member_id = ? ORDER BY field LIMIT ?)sql",
                       member, kProfileFields);
  while (rows.next()) {
    auto field = rows.int64(0);
    if (field < 1 || field > static_cast<std::int64_t>(kProfileFields)) continue;
    out[static_cast<ProfileField>(field)] = rows.text(1);
  }
  return out;
}

Result<void> set_profile(store::WriteTx& tx, MemberId member, ProfileField field,
                         std::string_view text) {
  TRY_VOID(check(field, text));
  if (text.empty()) {
    tx.execute(R"sql(DELETE FROM profile_field WHERE member_id = ? AND field = ?)sql", member,
               static_cast<int>(field));
    return {};
  }
  tx.execute(R"sql(
    INSERT INTO profile_field(member_id, field, value) VALUES (?1, ?2, ?3)
    ON CONFLICT(member_id, field) DO UPDATE SET value = ?3)sql",
             member, static_cast<int>(field), text);
  return {};
}

}  // namespace essaim::members
