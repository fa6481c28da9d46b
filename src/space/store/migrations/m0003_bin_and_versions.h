// Migration 3: the bin and the versions of files. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

inline constexpr sqlite::Sql kBinAndVersions = R"sql(
SELECT 1;
)sql";

}  // namespace essaim::store::migrations
