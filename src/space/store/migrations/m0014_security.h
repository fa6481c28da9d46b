// Migration 14: second factor and audit. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kSecurity = R"sql(
SELECT 1;
)sql";

}  // namespace essaim::store::migrations
