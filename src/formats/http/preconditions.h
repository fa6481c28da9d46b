// Conditional requests: If-Match and its family (RFC 9110 §13), against what is there now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/http/message.h"

namespace essaim::http {

// What the request's target is now.
struct Validators {
  bool exists = false;
  std::string etag;  // strong, with or without its quotes; empty: it has none
  std::optional<std::int64_t> mtime_seconds;
};

enum class Verdict : std::uint8_t {
  proceed,
  not_modified,  // answer 304 (only GET and HEAD)
  failed,        // answer 412
};

// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC
// 9110 §13.2.2. Dates that cannot be read count as absent.
Verdict check_preconditions(std::string_view method, const Headers& headers,
                            const Validators& current);

// Whether a Range may be honoured (RFC 9110 §13.1.5): true without If-Range. A date never holds:
// clients set modification times themselves, so an equal one does not mean equal bytes (§8.8.2.2).
bool if_range_holds(const Headers& headers, const Validators& current);

// Whether both are the same strong entity tag. CLIENT: sync clients send tags without quotes, and
// Apache's mod_deflate (in front of some of them) adds "-gzip": both are taken off before
// comparing. A weak tag (W/) is never the same.
bool same_etag_strong(std::string_view a, std::string_view b);
// The same where weak comparison applies: W/ is taken off too.
bool same_etag_weak(std::string_view a, std::string_view b);

}  // namespace essaim::http
