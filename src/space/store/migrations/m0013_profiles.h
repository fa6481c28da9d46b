// Migration 13: profiles and status. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kProfiles = R"sql(
SELECT 1;
)sql";

}  // namespace essaim::store::migrations
