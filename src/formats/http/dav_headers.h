// The small headers of WebDAV: Depth, Overwrite, Timeout, Lock-Token (RFC 4918 §10).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/time/clock.h"
#include "formats/http/message.h"

namespace essaim::http {

enum class Depth : std::uint8_t { zero, one, infinity };
// Absent: nullopt, since the default differs by method. Errors: bad_request.
Result<std::optional<Depth>> parse_depth(const Headers& headers);

enum class Overwrite : bool { no, yes };
// Absent: yes (RFC 4918 §10.6). Errors: bad_request.
Result<Overwrite> parse_overwrite(const Headers& headers);

// The first time-out of the list that can be read, at most `most`, at least a second; "Infinite" is
// `most`. Absent or unreadable: `otherwise`, as clients may not rely on it (RFC 4918 §10.7).
Duration parse_timeout(const Headers& headers, Duration most, Duration otherwise);

// The URI between < and >. Errors: bad_request (also when absent).
Result<std::string> parse_lock_token(const Headers& headers);

}  // namespace essaim::http
