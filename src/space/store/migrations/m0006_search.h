// Migration 6: what searches need. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

// Files by time, with all that decides whether a picture is one. Folders are left out: their time
// moves with every change below.
inline constexpr sqlite::Sql kSearch = R"sql(
CREATE INDEX node_file_mtime ON node(mtime, id, parent_id, name) WHERE kind = 2;
)sql";

}  // namespace essaim::store::migrations
