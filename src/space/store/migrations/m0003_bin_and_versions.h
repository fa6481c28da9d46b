// Migration 3: the bin and the versions of files. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

// The bin of a place is a folder "bin-<root of the place>" below node 1, made when it is needed.
//   node.kept: bytes of the versions at and below a node, as size is those of the contents.
//   node.author: who wrote the content; NULL: unknown.
//   trash.bin is the folder the node was put into: rows of a bin that was emptied since, whose
//   folder waits to be purged, are not found by the folder that took its place.
inline constexpr sqlite::Sql kBinAndVersions = R"sql(
ALTER TABLE node ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN author INTEGER REFERENCES member(id) ON DELETE SET NULL;
CREATE TABLE trash(
  node_id INTEGER PRIMARY KEY REFERENCES node(id) ON DELETE CASCADE,
  bin INTEGER NOT NULL,                 -- a node
  origin_path TEXT NOT NULL,            -- from the root of the place, with the name
  origin_parent INTEGER NOT NULL,       -- a node that may be gone
  deleted_at INTEGER NOT NULL,
  deleted_by INTEGER REFERENCES member(id) ON DELETE SET NULL);
CREATE INDEX trash_age ON trash(bin, deleted_at);
CREATE TABLE version(
  node_id INTEGER NOT NULL REFERENCES node(id),
  mtime INTEGER NOT NULL,               -- of the content, and the name of the version
  size INTEGER NOT NULL,
  blob TEXT NOT NULL,                   -- blob.hash
  checksum TEXT,
  author INTEGER REFERENCES member(id) ON DELETE SET NULL,
  label TEXT NOT NULL DEFAULT '',
  kept_at INTEGER NOT NULL,             -- when another content took its place
  PRIMARY KEY(node_id, mtime)) WITHOUT ROWID;
CREATE INDEX version_age ON version(kept_at) WHERE label = '';
CREATE INDEX version_labelled ON version(size) WHERE label <> '';
)sql";

}  // namespace essaim::store::migrations
