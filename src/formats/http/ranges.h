// The Range header against a body of known size (RFC 9110 §14).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/types.h"

namespace essaim::http {

// Longer headers, and ones that name more ranges, are ignored: the whole body is sent.
inline constexpr std::size_t kRangeHeaderBytesMax = 1024;
inline constexpr std::size_t kRangesMax = 16;

struct ByteRange {
  ByteCount first = 0;
  ByteCount length = 0;  // at least 1
  bool operator==(const ByteRange&) const = default;
};

struct RangeRequest {
  enum class Kind : std::uint8_t {
    none,           // no usable Range: send everything, 200
    satisfiable,    // send `ranges`, 206; with more than one, sending everything is allowed too
    unsatisfiable,  // 416, with Content-Range: bytes */size
  };
  Kind kind = Kind::none;
  // Within the body, in the order asked for; the ones that lie beyond its end are left out.
  std::vector<ByteRange> ranges;
};

// `header` is the value of Range. A malformed one counts as none (RFC 9110 §14.2 lets us ignore
// it), and so does a suffix range of an empty body, which no Content-Range could describe.
RangeRequest parse_range(std::optional<std::string_view> header, ByteCount size);

// "bytes 0-499/1234"
std::string content_range(const ByteRange& range, ByteCount size);
// "bytes */1234", for 416.
std::string content_range_unsatisfied(ByteCount size);

}  // namespace essaim::http
