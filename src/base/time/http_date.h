// Dates as HTTP and WebDAV write them. Years 1970 to 9999: an instant outside is written as the
// nearest end of that span, and text outside is refused, so that no date wraps around on its way
// through.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time/clock.h"

namespace essaim {

// The first and the last instant that can be written.
inline constexpr Instant kFirstInstant{0};
inline constexpr Instant kLastInstant{253'402'300'799'999};  // 9999-12-31T23:59:59.999Z

// "Sun, 06 Nov 1994 08:49:37 GMT": IMF-fixdate (RFC 9110 §5.6.7). Parts of a second are cut off.
std::string format_http_date(Instant instant);

// Reads the three forms of RFC 9110 §5.6.7: IMF-fixdate, RFC 850 and asctime. Two-digit years from
// 70 are of the 1900s, the others of the 2000s. The name of the day must be one, but may be the
// wrong one.
std::optional<Instant> parse_http_date(std::string_view text);

// "1994-11-06T08:49:37Z" (RFC 3339). Parts of a second are cut off.
std::string format_iso8601(Instant instant);

// Reads RFC 3339 date-times: "1994-11-06T08:49:37Z", with parts of a second (kept to the
// millisecond) or an offset ("+01:00") instead of Z.
std::optional<Instant> parse_iso8601(std::string_view text);

}  // namespace essaim
