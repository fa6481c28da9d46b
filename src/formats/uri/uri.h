// Paths of requests: decoded once, checked, split into segments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"

namespace essaim::uri {

inline constexpr std::size_t kPathMax = 4'000;    // bytes, decoded
inline constexpr std::size_t kSegmentsMax = 256;  // folders deep

// The segments of a percent-encoded path: decoded once as UTF-8, in Unicode form C, doubled slashes
// taken as one. Errors: bad_request for a broken escape, a NUL, bytes that are no UTF-8, a "." or
// ".." segment, a path too long or too deep.
struct Segments {
  std::vector<std::string> names;
  bool trailing_slash = false;
};
Result<Segments> split_path(std::string_view encoded);

// The still encoded path of an absolute URL or absolute path (Destination, RFC 4918 §10.3), and the
// authority when there was one, lower case. Errors: bad_request.
struct Target {
  std::string scheme;     // "" for a bare path
  std::string authority;  // host[:port], "" for a bare path
  std::string path;
};
Result<Target> parse_target(std::string_view reference);

// The host part of an authority or Host header, lower case, without port and without the brackets
// of IPv6. Errors: bad_request.
Result<std::string> host_of(std::string_view authority);

// The value of `name` in a query or form body, '+' and %XX decoded; none when absent or broken.
std::optional<std::string> form_value(std::string_view form, std::string_view name);

// A value of a query or form: everything but letters, digits and -._~ as %XX, a space as '+'.
std::string form_encode(std::string_view value);

}  // namespace essaim::uri
