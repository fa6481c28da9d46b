// What the commands share: addresses of the operator's API, and input.
#pragma once

#include <string>
#include <string_view>

#include "base/core/error.h"

namespace essaim::main::internal {

// "/fleet/v1/spaces/voile" and what follows. A name may hold anything; the server judges it.
std::string space_path(std::string_view slug, std::string_view rest = {});
std::string member_path(std::string_view slug, std::string_view uid, std::string_view rest);
// One segment or one value of a query.
std::string escaped(std::string_view text);

// Everything on a descriptor. Errors: io, too_large.
Result<std::string> read_all(int fd, std::size_t max);
// What standard input holds, without the final newline.
Result<std::string> read_password();

}  // namespace essaim::main::internal
