// Migration 15: guests' accounts that end. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {

//   expires_at: from this instant on the account is closed, in milliseconds; NULL: never. Only
//   guests have one.
inline constexpr sqlite::Sql kGuestExpiry = R"sql(
ALTER TABLE member ADD COLUMN expires_at INTEGER;
CREATE INDEX member_expires ON member(expires_at) WHERE expires_at IS NOT NULL;
)sql";

}  // namespace essaim::store::migrations
