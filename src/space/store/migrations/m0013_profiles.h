// Migration 13: profiles and status. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

//   profile_field.field: a number of members::ProfileField. A field that is empty has no row.
//   member_status: what a person says about themselves, and when a client of theirs was last there.
//   kind and present: numbers of members::StatusKind; present is what the last sign of life said.
//   Times are milliseconds.
inline constexpr sqlite::Sql kProfiles = R"sql(
CREATE TABLE profile_field(
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  field INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY(member_id, field)) WITHOUT ROWID;
CREATE TABLE member_status(
  member_id INTEGER PRIMARY KEY REFERENCES member(id) ON DELETE CASCADE,
  kind INTEGER,                         -- NULL: not chosen, goes by the signs of life
  present INTEGER NOT NULL,
  present_at INTEGER NOT NULL,
  message_id TEXT,                      -- of a ready-made message
  message TEXT,
  icon TEXT,
  clear_at INTEGER);                    -- when message and icon end
)sql";

}  // namespace essaim::store::migrations
