// Migration 12: comments and tags. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

// comment_read: up to when a member has read what is written on a node.
// tag.color: six hex digits, or empty. Times are milliseconds.
inline constexpr sqlite::Sql kComments = R"sql(
CREATE TABLE comment(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  member_id INTEGER REFERENCES member(id) ON DELETE SET NULL,
  message TEXT NOT NULL,
  created_at INTEGER NOT NULL);
CREATE INDEX comment_node ON comment(node_id, id);
CREATE INDEX comment_member ON comment(member_id);
CREATE TABLE comment_read(
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  PRIMARY KEY(member_id, node_id)) WITHOUT ROWID;
CREATE INDEX comment_read_node ON comment_read(node_id);
CREATE TABLE tag(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  visible INTEGER NOT NULL,
  assignable INTEGER NOT NULL,
  color TEXT NOT NULL);
CREATE TABLE node_tag(
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,
  PRIMARY KEY(node_id, tag_id)) WITHOUT ROWID;
CREATE INDEX node_tag_tag ON node_tag(tag_id, node_id);
)sql";

}  // namespace essaim::store::migrations
