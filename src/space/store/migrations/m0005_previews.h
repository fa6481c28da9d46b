// Migration 5: which contents have a preview. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kPreviews = R"sql(
SELECT 1;
)sql";

}  // namespace essaim::store::migrations
