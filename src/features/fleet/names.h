// The names by which a space is known: slug, host names, id. Checked here once, on the way in.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/types.h"

namespace essaim::fleet {

inline constexpr std::size_t kSlugMax = 40;          // characters
inline constexpr std::size_t kDisplayNameMax = 200;  // bytes of UTF-8
inline constexpr std::size_t kHostMax = 253;         // characters (RFC 1035 §2.3.4)
inline constexpr std::size_t kHostsPerSpaceMax = 20;
inline constexpr std::size_t kSpaceIdLength = 16;  // characters of a-z 2-7

// A slug is 1 to 40 of a-z 0-9 and '-', no '-' at the ends. Error: bad_request, with a line a
// person can act on.
Result<void> check_slug(std::string_view slug);
// A display name is 1 to 200 bytes of UTF-8 without control characters. Error: bad_request.
Result<void> check_display_name(std::string_view name);

// The one way a host is written here: a DNS name in lower case without a final dot (RFC 1123 §2.1),
// an IPv4 address, or an IPv6 address in its short form (RFC 5952) without brackets. Never a port.
// None when it is neither.
std::optional<std::string> canonical_host(std::string_view host);
// The same with a reason for a person. Error: bad_request.
Result<std::string> check_host(std::string_view host);
// Like canonical_host, and a name, not an address: for the domain of a fleet.
std::optional<std::string> canonical_domain(std::string_view domain);

// 80 random bits. Never used before, for all practical purposes.
SpaceId new_space_id();
bool valid_space_id(std::string_view id);

}  // namespace essaim::fleet
