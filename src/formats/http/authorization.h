// Credentials in the Authorization header.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/core/error.h"

namespace essaim::http {

// Longer credentials are refused before they are decoded.
inline constexpr std::size_t kBasicBytesMax = 4096;

struct BasicCredentials {
  std::string user;      // without colon; may be empty
  std::string password;  // may hold colons, may be empty
};

// Reads `Basic dXNlcjpwYXNz` (RFC 7617): UTF-8, split at the first colon. Errors: bad_request for
// another scheme, wrong base64, no colon, control characters (NUL among them), or bytes that are
// not UTF-8.
Result<BasicCredentials> parse_basic(std::string_view header);

}  // namespace essaim::http
