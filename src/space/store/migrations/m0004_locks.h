// Migration 4: locks on files and folders. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

// A lock counts while expires_at lies ahead; rows of the past are removed on the way.
//   kind: 0 of a person, all their devices may write; 2 of whoever holds the token.
//   infinite: also everything below the folder. Times are milliseconds.
inline constexpr sqlite::Sql kLocks = R"sql(
CREATE TABLE node_lock(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  token TEXT NOT NULL UNIQUE,           -- a UUID
  kind INTEGER NOT NULL,
  shared INTEGER NOT NULL,
  infinite INTEGER NOT NULL,
  owner TEXT NOT NULL,                  -- XML a client wants back, complete by itself
  created_at INTEGER NOT NULL,
  life_ms INTEGER NOT NULL,
  expires_at INTEGER NOT NULL);
CREATE INDEX node_lock_node ON node_lock(node_id);
CREATE INDEX node_lock_member ON node_lock(member_id);
CREATE INDEX node_lock_expires ON node_lock(expires_at);
)sql";

}  // namespace essaim::store::migrations
