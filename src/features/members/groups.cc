#include "features/members/groups.h"

#include <algorithm>

#include "features/members/internal/columns.h"

namespace essaim::members {

namespace {

Group from_row(const sqlite::Rows& row) {
  return {{row.int64(0)}, std::string(row.text(1)), std::string(row.text(2)), {row.int64(3)}};
}

Result<void> check_group_name(std::string_view name) {
  auto bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/'; };
  bool blank = name.find_first_not_of(' ') == std::string_view::npos;
  if (blank || name.size() > kGroupNameMax || std::ranges::any_of(name, bad)) {
    return fail(Code::bad_request, "a group's name is 1 to 64 bytes without '/'");
  }
  return {};
}

bool text_is(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

}  // namespace

Result<Group> add_group(store::WriteTx& tx, std::string_view gid, std::string_view display) {
  TRY_VOID(check_group_name(gid));
  if (!display.empty()) TRY_VOID(check_group_name(display));
  if (text_is(gid, kGestionGid) || text_is(gid, kEveryoneGid))
    return fail(Code::exists, "this name stands for a role, or for everyone");
  if (find_group(tx, gid)) return fail(Code::exists, "this group exists");
  {
    auto count = tx.query(R"sql(SELECT count(*) FROM member_group)sql");
    if (count.next() && count.int64(0) >= kGroupsMax) {
      return fail(Code::too_many, "the space has its highest number of groups");
    }
  }
  tx.execute(R"sql(INSERT INTO member_group(gid, display, created_at) VALUES (?, ?, ?))sql", gid,
             display.empty() ? gid : display, tx.now().ms);
  return find_group(tx, GroupId{tx.last_insert_rowid()});
}

Result<void> rename_group(store::WriteTx& tx, GroupId group, std::string_view display) {
  TRY_VOID(check_group_name(display));
  tx.execute(R"sql(UPDATE member_group SET display = ? WHERE id = ?)sql", display, group);
  return {};
}

void remove_group(store::WriteTx& tx, GroupId group) {
  tx.execute(R"sql(DELETE FROM member_group WHERE id = ?)sql", group);
}

Result<Group> find_group(store::ReadTx& tx, std::string_view gid) {
  auto rows =
      tx.query(R"sql(SELECT id, gid, display, created_at FROM member_group WHERE gid = ?)sql", gid);
  if (!rows.next()) return fail(Code::not_found, "no such group");
  return from_row(rows);
}

Result<Group> find_group(store::ReadTx& tx, GroupId group) {
  auto rows = tx.query(
      R"sql(SELECT id, gid, display, created_at FROM member_group WHERE id = ?)sql", group);
  if (!rows.next()) return fail(Code::not_found, "no such group");
  return from_row(rows);
}

std::vector<Group> groups(store::ReadTx& tx) {
  std::vector<Group> out;
  auto rows = tx.query(R"sql(
    SELECT id, gid, display, created_at FROM member_group ORDER BY display, id LIMIT ?)sql",
                       kGroupsMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

void put_in_group(store::WriteTx& tx, GroupId group, MemberId member, Manager manager) {
  tx.execute(R"sql(
    INSERT INTO group_member(group_id, member_id, manager) VALUES (?1, ?2, ?3)
    ON CONFLICT(group_id, member_id) DO UPDATE SET manager = ?3)sql",
             group, member, manager == Manager::yes ? 1 : 0);
}

bool take_out_of_group(store::WriteTx& tx, GroupId group, MemberId member) {
  return tx.execute(R"sql(DELETE FROM group_member WHERE group_id = ? AND member_id = ?)sql", group,
                    member) > 0;
}

std::vector<Belonging> groups_of(store::ReadTx& tx, MemberId member) {
  std::vector<Belonging> out;
  auto rows = tx.query(R"sql(
    SELECT id, gid, display, created_at, manager
    FROM group_member JOIN member_group ON member_group.id = group_id
    WHERE member_id = ? ORDER BY display, id LIMIT ?)sql",
                       member, kGroupsMax);
  while (rows.next()) {
    out.push_back({from_row(rows), rows.int64(4) != 0 ? Manager::yes : Manager::no});
  }
  return out;
}

std::vector<Member> members_of(store::ReadTx& tx, GroupId group) {
  std::vector<Member> out;
  auto rows = tx.query(R"sql(
    SELECT id, uid, display, email, role, quota_bytes, locale, home_id, disabled, created_at,
           seen_at, expires_at
    FROM group_member JOIN member ON member.id = member_id
    WHERE group_id = ? ORDER BY uid LIMIT ?)sql",
                       group, kMembersMax);
  while (rows.next()) out.push_back(internal::member_from(rows, tx.now()));
  return out;
}

std::vector<Member> managers_of(store::ReadTx& tx, GroupId group) {
  std::vector<Member> out;
  auto rows = tx.query(R"sql(
    SELECT id, uid, display, email, role, quota_bytes, locale, home_id, disabled, created_at,
           seen_at, expires_at
    FROM group_member JOIN member ON member.id = member_id
    WHERE group_id = ? AND manager = 1 ORDER BY uid LIMIT ?)sql",
                       group, kMembersMax);
  while (rows.next()) out.push_back(internal::member_from(rows, tx.now()));
  return out;
}

bool share_a_group(store::ReadTx& tx, MemberId one, MemberId other) {
  auto rows = tx.query(R"sql(
    SELECT 1 FROM group_member AS a JOIN group_member AS b ON b.group_id = a.group_id
    WHERE a.member_id = ? AND b.member_id = ? ORDER BY a.group_id LIMIT 1)sql",
                       one, other);
  return rows.next();
}

std::vector<MemberId> member_ids_of(store::ReadTx& tx, GroupId group) {
  std::vector<MemberId> out;
  auto rows = tx.query(R"sql(
    SELECT member_id FROM group_member WHERE group_id = ? ORDER BY member_id LIMIT ?)sql",
                       group, kMembersMax);
  while (rows.next()) out.push_back({rows.int64(0)});
  return out;
}

}  // namespace essaim::members
