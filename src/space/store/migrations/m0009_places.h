// Migration 9: places of the space, grants, and the mounts they make. Forward only, never edited
// after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

// place: the root of every tree that has an owner. kind: 1 home of a member, 2 the common place,
//   3 of a group. owner: a member or a group; 0 for the common place.
// access_grant.who: kind and id in one number (access::Grantee). rights: bits (access::Rights).
//   until: milliseconds; NULL: for ever.
// quota_warned.step: the fullness that people were last told of, in percent.
// node.grants: how many grants lie at or below a node, as size counts bytes. node.given: to what
//   kinds of grantee its own are, one bit for each kind.
// mount: where a member's own tree shows a node of another place. parent_id is a folder of the
//   member's home. seq: the change number of its last appearance, move, name or rights; rights: as
//   it then was.
// mount_refused: the member does not want to see it, or has not answered yet (state 1: pending).
inline constexpr sqlite::Sql kPlaces = R"sql(
CREATE TABLE place(
  root INTEGER PRIMARY KEY REFERENCES node(id) ON DELETE CASCADE,
  kind INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  UNIQUE(kind, owner));
CREATE TABLE access_grant(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  who INTEGER NOT NULL,
  rights INTEGER NOT NULL,
  until INTEGER);
CREATE INDEX access_grant_node ON access_grant(node_id, who);
CREATE INDEX access_grant_who ON access_grant(who, node_id);
CREATE INDEX access_grant_until ON access_grant(until) WHERE until IS NOT NULL;
CREATE TABLE mount(
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  parent_id INTEGER NOT NULL REFERENCES node(id),
  name TEXT NOT NULL,
  rights INTEGER NOT NULL,
  until INTEGER,                        -- when the first grant behind it ends; NULL: never
  seq INTEGER NOT NULL,
  PRIMARY KEY(member_id, node_id),
  UNIQUE(member_id, parent_id, name)) WITHOUT ROWID;
CREATE INDEX mount_node ON mount(node_id);
CREATE INDEX mount_parent ON mount(parent_id);
CREATE TABLE mount_refused(
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  state INTEGER NOT NULL,
  PRIMARY KEY(member_id, node_id)) WITHOUT ROWID;
CREATE INDEX mount_refused_node ON mount_refused(node_id);
CREATE TABLE quota_warned(one INTEGER PRIMARY KEY CHECK(one = 1), step INTEGER NOT NULL);
INSERT INTO quota_warned(one, step) VALUES (1, 0);
ALTER TABLE node ADD COLUMN grants INTEGER NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN given INTEGER NOT NULL DEFAULT 0;
CREATE INDEX node_granted ON node(parent_id) WHERE grants > 0;
INSERT INTO place(root, kind, owner) SELECT home_id, 1, id FROM member WHERE home_id IS NOT NULL;
-- The common place is node 3: everyone edits (3 << 40, 191), gestion manages (4 << 40, 255). In a
-- space that has people it is a change of its own, which their clients notice.
UPDATE meta SET value = value + 1 WHERE key = 'seq' AND EXISTS (SELECT 1 FROM member);
INSERT INTO node(id, parent_id, name, kind, mtime, seq, own_seq, grants)
  SELECT 3, 1, 'common', 1, unixepoch(), value, value, 2 FROM meta WHERE key = 'seq';
INSERT INTO node_log(seq, node_id, op, at)
  SELECT own_seq, id, 1, 0 FROM node WHERE id = 3 AND EXISTS (SELECT 1 FROM member);
INSERT INTO place(root, kind, owner) VALUES (3, 2, 0);
INSERT INTO access_grant(node_id, who, rights)
  SELECT root, 3298534883328, 191 FROM place WHERE kind = 2
  UNION ALL SELECT root, 4398046511104, 255 FROM place WHERE kind = 2;
INSERT INTO mount(member_id, node_id, parent_id, name, rights, seq)
  SELECT member.id, root, home_id,
         CASE WHEN EXISTS (SELECT 1 FROM node WHERE parent_id = home_id AND name = 'Espace commun')
              THEN 'Espace commun (2)' ELSE 'Espace commun' END,
         CASE role WHEN 1 THEN 255 ELSE 191 END, (SELECT value FROM meta WHERE key = 'seq')
  FROM member JOIN place ON place.kind = 2 WHERE home_id IS NOT NULL;
UPDATE node SET seq = (SELECT value FROM meta WHERE key = 'seq'), grants = grants + (id = 1) * 2
  WHERE id = 1 OR id IN (SELECT home_id FROM member);
)sql";

}  // namespace essaim::store::migrations
