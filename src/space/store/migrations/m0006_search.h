// Migration 6: what searches need. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kSearch = R"sql(
SELECT 1;
)sql";

}  // namespace essaim::store::migrations
