// Migration 11: activity and notifications. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

// activity: one row per event, whoever may read it. Ids and times rise together. node_id and
//   parent_id outlive their nodes, so they refer to nothing. type: notices::Type. extra: a JSON
//   object of strings, or empty.
// notification: one row per reader. parameters: a JSON object of strings; actions: a JSON list.
// Times are milliseconds.
inline constexpr sqlite::Sql kNotices = R"sql(
CREATE TABLE activity(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor_id INTEGER REFERENCES member(id) ON DELETE SET NULL,
  type INTEGER NOT NULL,
  node_id INTEGER NOT NULL,
  parent_id INTEGER NOT NULL,
  name TEXT NOT NULL,                   -- as it was then
  extra TEXT NOT NULL,
  recipient_id INTEGER REFERENCES member(id) ON DELETE CASCADE);
CREATE INDEX activity_node ON activity(node_id, id);
CREATE INDEX activity_actor ON activity(actor_id, id);
CREATE INDEX activity_recipient ON activity(recipient_id) WHERE recipient_id IS NOT NULL;
CREATE TABLE notification(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
  app TEXT NOT NULL,
  key TEXT NOT NULL,
  parameters TEXT NOT NULL,
  object_type TEXT NOT NULL,
  object_id TEXT NOT NULL,
  link TEXT NOT NULL,
  actions TEXT NOT NULL,
  created_at INTEGER NOT NULL);
CREATE INDEX notification_member ON notification(member_id, id);
CREATE INDEX notification_object ON notification(object_type, object_id, member_id);
)sql";

}  // namespace essaim::store::migrations
