// Migration 4: locks on files and folders. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kLocks = R"sql(
SELECT 1;
)sql";

}  // namespace essaim::store::migrations
