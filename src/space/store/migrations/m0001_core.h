// Migration 1: the tables of the core. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

// Every list of columns elsewhere follows the words here.
//   node 1 is the root of everything and its own parent; node 2 holds what waits to be purged.
//   kind: 1 folder, 2 file. size and files count everything below a folder.
//   seq: last change at or below (folders), of the content (files): the etag.
//   own_seq: last change of the node itself.
//   Times are seconds since 1970; *_at of bookkeeping tables are milliseconds.
inline constexpr sqlite::Sql kCore = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE member(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL UNIQUE COLLATE NOCASE,
  display TEXT NOT NULL,
  email TEXT COLLATE NOCASE,
  pw TEXT,                              -- argon2id, encoded; NULL: no log-in by password
  role INTEGER NOT NULL,                -- 1 gestion, 2 member
  quota_bytes INTEGER,                  -- NULL: only the space's quota
  locale TEXT NOT NULL DEFAULT 'fr',
  home_id INTEGER REFERENCES node(id),
  created_at INTEGER NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  seen_at INTEGER);
CREATE UNIQUE INDEX member_email ON member(email) WHERE email IS NOT NULL;
CREATE TABLE app_token(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hash BLOB NOT NULL UNIQUE,            -- keyed BLAKE2b
  member_id INTEGER NOT NULL REFERENCES member(id),
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER);
CREATE INDEX app_token_member ON app_token(member_id);
CREATE TABLE blob(
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,            -- SHA-256, lower-case hex
  size INTEGER NOT NULL,
  refs INTEGER NOT NULL,
  crc32 INTEGER NOT NULL,
  place INTEGER NOT NULL,               -- 0 inline, 1 file
  zero_at INTEGER,                      -- since when refs is 0; negative: nobody will want it back
  held_at INTEGER);                     -- the last time something was let go that may be wanted
CREATE INDEX blob_zero ON blob(zero_at) WHERE zero_at IS NOT NULL;
CREATE TABLE blob_inline(blob_id INTEGER PRIMARY KEY REFERENCES blob(id), data BLOB NOT NULL);
CREATE TABLE node(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER NOT NULL REFERENCES node(id),
  name TEXT NOT NULL,
  kind INTEGER NOT NULL,
  size INTEGER NOT NULL DEFAULT 0,
  files INTEGER NOT NULL DEFAULT 0,
  mtime INTEGER NOT NULL,
  created INTEGER NOT NULL DEFAULT 0,   -- creation time a client announced; 0 unknown
  uploaded INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  own_seq INTEGER NOT NULL,
  blob TEXT,                            -- blob.hash; files only
  checksum TEXT,                        -- what a client announced besides SHA-256: "SHA1:..."
  UNIQUE(parent_id, name));
CREATE TABLE node_log(
  seq INTEGER PRIMARY KEY,
  node_id INTEGER NOT NULL,
  op INTEGER NOT NULL,
  at INTEGER NOT NULL);
CREATE TABLE node_prop(
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  ns TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,                  -- the XML between the tags
  PRIMARY KEY(node_id, member_id, ns, name)) WITHOUT ROWID;
CREATE TABLE favorite(
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  node_id INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  PRIMARY KEY(member_id, node_id)) WITHOUT ROWID;
CREATE INDEX favorite_node ON favorite(node_id);
CREATE TABLE upload(                    -- chunked uploads under way
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  touched_at INTEGER NOT NULL,
  UNIQUE(member_id, name));
CREATE INDEX upload_touched ON upload(touched_at);
CREATE TABLE upload_part(
  upload_id INTEGER NOT NULL REFERENCES upload(id),
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  blob TEXT NOT NULL,                   -- blob.hash
  PRIMARY KEY(upload_id, name)) WITHOUT ROWID;
CREATE TABLE usage(
  place INTEGER PRIMARY KEY,            -- the root node of a place
  bytes INTEGER NOT NULL,
  files INTEGER NOT NULL);
INSERT INTO meta(key, value) VALUES ('seq', 1);
INSERT INTO node(id, parent_id, name, kind, mtime, seq, own_seq) VALUES
  (1, 1, '', 1, 0, 1, 1),
  (2, 1, 'purge', 1, 0, 1, 1);
UPDATE sqlite_sequence SET seq = 100 WHERE name = 'node';
)sql";

}  // namespace essaim::store::migrations
