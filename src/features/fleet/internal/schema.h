// Whether a database that came from outside has the tables of a space, and nothing else: a trigger
// or a view in it would run with our hands.
#pragma once

#include <string>

#include "base/core/error.h"
#include "platform/sqlite/database.h"

namespace essaim::fleet::internal {

// Before the file is opened for work: no trigger and no view but our own. Errors: bad_request,
// corrupt.
Result<void> check_no_strangers(const std::string& path);
// After migration: exactly the tables, indexes, triggers and views of an empty space. Error:
// bad_request.
Result<void> check_schema(sqlite::Database& db);

}  // namespace essaim::fleet::internal
