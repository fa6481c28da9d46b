#include "features/members/members.h"

#include <algorithm>

#include "features/members/internal/columns.h"
#include "features/members/sessions.h"
#include "space/store/space.h"

namespace essaim::members {

namespace {

bool valid_uid(std::string_view uid) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@ ";
  if (uid.empty() || uid.size() > 64) return false;
  if (uid.front() == '.' || uid.front() == ' ' || uid.back() == ' ') return false;
  return uid.find_first_not_of(kAllowed) == std::string_view::npos;
}

// Deliberately loose: one @ with something on both sides, no spaces or control characters.
bool valid_email(std::string_view email) {
  auto at = email.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == email.size()) return false;
  auto bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  return email.size() <= 254 && email.find('@', at + 1) == std::string_view::npos &&
         std::ranges::none_of(email, bad);
}

Result<void> check_display(std::string_view display) {
  auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (display.size() > kDisplayMax) return fail(Code::bad_request, "the display name is too long");
  if (std::ranges::any_of(display, control)) {
    return fail(Code::bad_request, "a display name has no control characters");
  }
  return {};
}

Result<void> check_account_left(store::ReadTx& tx) {
  if (accounts(tx) < store::accounts_max(tx)) return {};
  return fail(Code::too_many, "the plan of the space has no account left");
}

}  // namespace

namespace internal {

Member member_from(const sqlite::Rows& row, Instant now) {
  Member member;
  member.id = {row.int64(0)};
  member.uid = row.text(1);
  member.display = row.text(2);
  if (!row.null(3)) member.email = row.text(3);
  member.role = static_cast<Role>(row.int64(4));
  if (!row.null(5)) member.quota_bytes = row.int64(5);
  member.locale = row.text(6);
  member.home = {row.int64(7)};
  if (!row.null(11)) member.expires = Instant{row.int64(11)};
  member.disabled = row.int64(8) != 0 || (member.expires && *member.expires <= now);
  member.created = {row.int64(9)};
  if (!row.null(10)) member.seen = Instant{row.int64(10)};
  return member;
}

}  // namespace internal

Result<void> check_password(std::string_view password) {
  if (password.size() > kPasswordMax) return fail(Code::bad_request, "the password is too long");
  auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  if (std::ranges::count_if(password, begins_character) < static_cast<long>(kPasswordMin)) {
    return fail(Code::bad_request, "the password needs at least 12 characters");
  }
  return {};
}

int accounts(store::ReadTx& tx) {
  auto count = tx.query(R"sql(SELECT count(*) FROM member WHERE role <> ?)sql",
                        static_cast<int>(Role::guest));
  return count.next() ? static_cast<int>(count.int64(0)) : 0;
}

Result<Member> add(store::WriteTx& tx, const NewMember& wanted) {
  if (!valid_uid(wanted.uid)) {
    return fail(Code::bad_request, "a uid is 1 to 64 of A-Z a-z 0-9 . _ - @ and space");
  }
  TRY_VOID(check_display(wanted.display));
  if (wanted.email && !valid_email(*wanted.email)) {
    return fail(Code::bad_request, "this is no e-mail address");
  }
  if (wanted.quota_bytes && *wanted.quota_bytes < 0) {
    return fail(Code::bad_request, "a quota is a number of bytes");
  }
  if (find_login(tx, wanted.uid)) return fail(Code::exists, "this uid is taken");
  if (wanted.email && find_login(tx, *wanted.email)) {
    return fail(Code::exists, "this e-mail address is taken");
  }
  auto count = tx.query(R"sql(SELECT count(*) FROM member)sql");
  if (count.next() && count.int64(0) >= kMembersMax) {
    return fail(Code::too_many, "the space has its highest number of members");
  }
  if (wanted.role != Role::guest) TRY_VOID(check_account_left(tx));
  tx.execute(R"sql(
    INSERT INTO member(uid, display, email, pw, role, quota_bytes, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?))sql",
             wanted.uid, wanted.display.empty() ? wanted.uid : wanted.display, wanted.email,
             wanted.password_hash, static_cast<int>(wanted.role), wanted.quota_bytes, tx.now().ms);
  return find(tx, MemberId{tx.last_insert_rowid()});
}

std::vector<Member> list(store::ReadTx& tx) {
  std::vector<Member> out;
  auto rows = tx.query(R"sql(
    SELECT id, uid, display, email, role, quota_bytes, locale, home_id, disabled, created_at,
           seen_at, expires_at
    FROM member ORDER BY uid LIMIT ?)sql",
                       kMembersMax);
  while (rows.next()) out.push_back(internal::member_from(rows, tx.now()));
  return out;
}

Result<Member> find(store::ReadTx& tx, std::string_view uid) {
  auto rows = tx.query(R"sql(
    SELECT id, uid, display, email, role, quota_bytes, locale, home_id, disabled, created_at,
           seen_at, expires_at
    FROM member WHERE uid = ?)sql",
                       uid);
  if (!rows.next()) return fail(Code::not_found, "no such member");
  return internal::member_from(rows, tx.now());
}

Result<Member> find(store::ReadTx& tx, MemberId id) {
  auto rows = tx.query(R"sql(
    SELECT id, uid, display, email, role, quota_bytes, locale, home_id, disabled, created_at,
           seen_at, expires_at
    FROM member WHERE id = ?)sql",
                       id);
  if (!rows.next()) return fail(Code::not_found, "no such member");
  return internal::member_from(rows, tx.now());
}

Result<Member> find_login(store::ReadTx& tx, std::string_view login) {
  if (auto by_uid = find(tx, login)) return by_uid;
  auto rows = tx.query(R"sql(
    SELECT id, uid, display, email, role, quota_bytes, locale, home_id, disabled, created_at,
           seen_at, expires_at
    FROM member WHERE email = ?)sql",
                       login);
  if (!rows.next()) return fail(Code::not_found, "no such member");
  return internal::member_from(rows, tx.now());
}

std::optional<std::string> password_hash(store::ReadTx& tx, MemberId id) {
  auto rows = tx.query(R"sql(SELECT pw FROM member WHERE id = ?)sql", id);
  if (!rows.next() || rows.null(0)) return std::nullopt;
  return std::string(rows.text(0));
}

void set_password(store::WriteTx& tx, MemberId id, std::string_view password_hash) {
  tx.execute(R"sql(UPDATE member SET pw = ? WHERE id = ?)sql", password_hash, id);
  end_sessions(tx, id);
}

void set_disabled(store::WriteTx& tx, MemberId id, bool disabled) {
  if (disabled) {
    tx.execute(R"sql(UPDATE member SET disabled = 1 WHERE id = ?)sql", id);
    end_sessions(tx, id);
  } else {
    tx.execute(R"sql(
      UPDATE member SET disabled = 0, expires_at = CASE WHEN expires_at > ? THEN expires_at END
      WHERE id = ?)sql",
               tx.now().ms, id);
  }
}

Result<void> check_dispensable(store::ReadTx& tx, const Member& member) {
  if (member.role != Role::gestion || member.disabled) return {};
  auto others = tx.query(R"sql(
    SELECT 1 FROM member WHERE role = ? AND disabled = 0 AND id <> ? ORDER BY id LIMIT 1)sql",
                         static_cast<int>(Role::gestion), member.id);
  if (!others.next()) return fail(Code::conflict, "the last account of role gestion stays");
  return {};
}

Result<void> set_display(store::WriteTx& tx, MemberId id, std::string_view display) {
  if (display.find_first_not_of(' ') == std::string_view::npos) {
    return fail(Code::bad_request, "a display name is not empty");
  }
  TRY_VOID(check_display(display));
  tx.execute(R"sql(UPDATE member SET display = ? WHERE id = ?)sql", display, id);
  return {};
}

Result<void> set_email(store::WriteTx& tx, MemberId id, const std::optional<std::string>& email) {
  if (email) {
    if (!valid_email(*email)) return fail(Code::bad_request, "this is no e-mail address");
    auto taken = find_login(tx, *email);
    if (taken && taken->id != id) return fail(Code::exists, "this e-mail address is taken");
  }
  tx.execute(R"sql(UPDATE member SET email = ? WHERE id = ?)sql", email, id);
  return {};
}

Result<void> set_quota(store::WriteTx& tx, MemberId id, std::optional<ByteCount> bytes) {
  if (bytes && *bytes < 0) return fail(Code::bad_request, "a quota is a number of bytes");
  tx.execute(R"sql(UPDATE member SET quota_bytes = ? WHERE id = ?)sql", bytes, id);
  return {};
}

Result<void> set_locale(store::WriteTx& tx, MemberId id, std::string_view locale) {
  if (locale != "fr" && locale != "en") return fail(Code::bad_request, "fr and en are spoken");
  tx.execute(R"sql(UPDATE member SET locale = ? WHERE id = ?)sql", locale, id);
  return {};
}

Result<void> set_role(store::WriteTx& tx, MemberId id, Role role) {
  auto member = TRY(find(tx, id));
  if (role != Role::gestion) TRY_VOID(check_dispensable(tx, member));
  if (member.role == Role::guest && role != Role::guest) TRY_VOID(check_account_left(tx));
  // An end is for guests alone; what had ended stays closed.
  tx.execute(R"sql(
    UPDATE member SET role = ?1, disabled = ?2,
      expires_at = CASE WHEN ?1 = 4 THEN expires_at END
    WHERE id = ?3)sql",
             static_cast<int>(role), member.disabled ? 1 : 0, id);
  return {};
}

void remove(store::WriteTx& tx, MemberId id) {
  tx.execute(R"sql(DELETE FROM app_token WHERE member_id = ?)sql", id);
  tx.execute(R"sql(DELETE FROM member WHERE id = ?)sql", id);
}

void set_home(store::WriteTx& tx, MemberId id, NodeId home) {
  tx.execute(R"sql(UPDATE member SET home_id = ? WHERE id = ?)sql", home, id);
}

}  // namespace essaim::members
