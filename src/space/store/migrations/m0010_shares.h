// Migration 10: what the share API tells about a grant. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

// A share is a grant that a person made for somebody, with what they said about it.
//   made_by: NULL when that account is gone. attributes: JSON text, as clients read it.
//   Times are milliseconds.
inline constexpr sqlite::Sql kShares = R"sql(
CREATE TABLE share(
  id INTEGER PRIMARY KEY REFERENCES access_grant(id) ON DELETE CASCADE,
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  made_by INTEGER REFERENCES member(id) ON DELETE SET NULL,
  permissions INTEGER NOT NULL,         -- of the share API: 1 read, 2 update, 4 create, ...
  attributes TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  label TEXT NOT NULL DEFAULT '',
  mail_sent INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL);
CREATE INDEX share_node ON share(node_id);
CREATE INDEX share_made_by ON share(made_by);
)sql";

}  // namespace essaim::store::migrations
