// Migration 5: contents of which no preview could be made. Forward only, never edited after a
// release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kPreviews = R"sql(
-- kind: how it was looked at (previews::Kind). until: ms since 1970, when it may be tried again.
CREATE TABLE preview_failure(
  hash TEXT NOT NULL,
  kind INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY(hash, kind)) WITHOUT ROWID;
CREATE INDEX preview_failure_until ON preview_failure(until);
)sql";

}  // namespace essaim::store::migrations
