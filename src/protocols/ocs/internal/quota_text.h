// A quota as people and Nextcloud's administration write it.
#pragma once

#include <optional>
#include <string_view>

#include "base/core/error.h"
#include "base/core/types.h"

namespace essaim::ocs::internal {

// "5 MB", "1.5GB", "1048576", of 1024 each; "none", "default" and "" are no quota of one's own.
// Error: bad_request, also beyond 2^53 bytes.
Result<std::optional<ByteCount>> parse_quota(std::string_view text);

}  // namespace essaim::ocs::internal
