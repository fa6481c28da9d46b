// Migration 7: links that open one file without signing in. Forward only, never edited after a
// release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kDirectLinks = R"sql(
CREATE TABLE direct_link(
  hash BLOB PRIMARY KEY,                -- keyed BLAKE2b of the token
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX direct_link_member ON direct_link(member_id, expires_at);
CREATE INDEX direct_link_node ON direct_link(node_id);
CREATE INDEX direct_link_expires ON direct_link(expires_at);
)sql";

}  // namespace essaim::store::migrations
