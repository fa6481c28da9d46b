// Migration 11: activity and notifications. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kNotices = R"sql(
SELECT 1;
)sql";

}  // namespace essaim::store::migrations
