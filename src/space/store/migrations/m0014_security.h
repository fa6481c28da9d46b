// Migration 14: second factor and audit. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

//   The audit is a chain: the hash of a row is made of the one before it. Rows are never changed,
//   and go only from the old end, ten years (315576000000 ms) before the newest. A row that took
//   the place of another would go past the trigger on deletions, so ids only grow.
//   Times are milliseconds.
inline constexpr sqlite::Sql kSecurity = R"sql(
CREATE TABLE second_factor(
  member_id INTEGER PRIMARY KEY REFERENCES member(id) ON DELETE CASCADE,
  secret BLOB NOT NULL,                 -- encrypted with the fleet's key
  started_at INTEGER NOT NULL,
  confirmed_at INTEGER,                 -- NULL: being set up, asked of nobody yet
  step INTEGER NOT NULL DEFAULT 0);     -- of the last code that was taken
CREATE TABLE recovery_code(
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  hash BLOB NOT NULL,                   -- keyed BLAKE2b
  PRIMARY KEY(member_id, hash)) WITHOUT ROWID;
CREATE TABLE security_rule(
  name TEXT PRIMARY KEY,                -- second_factor: whom it is demanded of
  value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE audit(
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,                  -- a uid, or "operator"
  member_id INTEGER,                    -- NULL: the operator
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  address TEXT NOT NULL,
  hash BLOB NOT NULL);                  -- keyed BLAKE2b of the hash before and of the row
CREATE TABLE audit_chain(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  key_mark BLOB NOT NULL,               -- which fleet's key: a space may move
  first_id INTEGER NOT NULL,            -- the chain of this key starts here
  start BLOB NOT NULL,                  -- from this hash
  adopted BLOB NOT NULL,                -- hash of what another fleet had written before
  last_id INTEGER NOT NULL,
  head BLOB NOT NULL,                   -- hash of the last row
  seal BLOB NOT NULL);                  -- keyed BLAKE2b of this row
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
CREATE TRIGGER audit_only_grows BEFORE INSERT ON audit
WHEN EXISTS(SELECT 1 FROM audit WHERE id >= NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
WHEN EXISTS(SELECT 1 FROM audit WHERE id < OLD.id)
  OR OLD.at > (SELECT at FROM audit ORDER BY id DESC LIMIT 1) - 315576000000
BEGIN SELECT RAISE(ABORT, 'the audit is kept for ten years'); END;
)sql";

}  // namespace essaim::store::migrations
