// The numbered list of schema changes and how a database catches up with it.
#pragma once

#include <span>

#include "base/core/error.h"
#include "platform/sqlite/database.h"

namespace essaim::store::internal {

// Migration number n is the n-th of the list, counted from 1. Forward only.
std::span<const sqlite::Sql> migrations();

// Applies what is missing, all of it in one transaction. Returns how many were applied.
// Errors: unsupported (user_version is above the list), corrupt (a step fails), io, disk_full.
Result<int> migrate(sqlite::Database& db, std::span<const sqlite::Sql> list);

}  // namespace essaim::store::internal
