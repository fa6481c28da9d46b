// Migration 16: people's own pictures. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

//   One row for each person who has one; hash: of all three, for etags. small, medium: PNG; large:
//   JPEG or PNG. Last in the row, so that what is not asked for is not read.
inline constexpr sqlite::Sql kPictures = R"sql(
CREATE TABLE member_picture(
  member_id INTEGER PRIMARY KEY REFERENCES member(id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  small BLOB NOT NULL,
  medium BLOB NOT NULL,
  large BLOB NOT NULL);
)sql";

}  // namespace essaim::store::migrations
