// Migration 8: groups of members. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

//   member.role: 1 gestion, 2 member, 3 referent, 4 guest.
//   gid: the name on the wire, case-exact, never changes. Times are milliseconds.
inline constexpr sqlite::Sql kPeople = R"sql(
CREATE TABLE member_group(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  gid TEXT NOT NULL UNIQUE COLLATE NOCASE,
  display TEXT NOT NULL,
  created_at INTEGER NOT NULL);
CREATE TABLE group_member(
  group_id INTEGER NOT NULL REFERENCES member_group(id) ON DELETE CASCADE,
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  manager INTEGER NOT NULL DEFAULT 0,   -- adds and removes members, manages the group's folder
  PRIMARY KEY(group_id, member_id)) WITHOUT ROWID;
CREATE INDEX group_member_member ON group_member(member_id);
)sql";

}  // namespace essaim::store::migrations
