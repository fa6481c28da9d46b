// Migration 2: sessions, log-in flows, remote wipe. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

//   A session or a flow is found by the keyed hash of what its browser or its client holds; the
//   secret itself is nowhere. Times are milliseconds.
inline constexpr sqlite::Sql kSignIn = R"sql(
ALTER TABLE app_token ADD COLUMN wipe_at INTEGER;   -- its device shall erase what it holds
CREATE TABLE web_session(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hash BLOB NOT NULL UNIQUE,            -- keyed BLAKE2b of the cookie
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  agent TEXT NOT NULL,                  -- the User-Agent of the browser
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL);
CREATE INDEX web_session_member ON web_session(member_id);
CREATE INDEX web_session_used ON web_session(used_at);
CREATE TABLE login_flow(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  poll_hash BLOB NOT NULL UNIQUE,       -- keyed BLAKE2b of what the client asks with
  link_hash BLOB NOT NULL UNIQUE,       -- the same of what the browser opens
  public_key BLOB NOT NULL,             -- the client alone can open what is sealed for it
  client TEXT NOT NULL,                 -- its User-Agent
  created_at INTEGER NOT NULL,
  login TEXT,                           -- NULL until a person has agreed
  sealed BLOB,                          -- the app token, sealed
  token_id INTEGER);                    -- the token made for it; NULL when one was given
CREATE INDEX login_flow_created ON login_flow(created_at);
)sql";

}  // namespace essaim::store::migrations
