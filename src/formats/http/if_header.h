// The WebDAV If header (RFC 4918 §10.4): read to a value, then judged against what the caller
// looks up.
//
//   If: </a/b> (["etag"] <urn:uuid:1>) (Not <DAV:no-lock>)
//
// The header holds when one of its lists holds, and a list holds when all its conditions do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "formats/http/message.h"

namespace essaim::http {

inline constexpr std::size_t kIfBytesMax = 16 * 1024;
inline constexpr std::size_t kIfListsMax = 64;
inline constexpr std::size_t kIfConditionsMax = 256;  // over all lists

struct IfCondition {
  enum class Kind : std::uint8_t { etag, token };
  Kind kind = Kind::token;
  bool negated = false;
  std::string value;  // an etag as sent, with its quotes; or a state token without < and >
  bool operator==(const IfCondition&) const = default;
};

// The resource a list speaks of.
struct IfResource {
  std::string authority;  // "host:port" of an absolute URL; else empty: the request's own host
  // Path and whatever follows, as sent; empty: the request's own target. CLIENT: the desktop client
  // sends absolute URLs that are not percent-encoded, so a '%' may stand for itself.
  std::string path;
  bool operator==(const IfResource&) const = default;
};

struct IfList {
  IfResource resource;
  std::vector<IfCondition> conditions;  // at least one
  bool operator==(const IfList&) const = default;
};

struct IfHeader {
  std::vector<IfList> lists;  // at least one
  // Every state token that is named without Not: the tokens the client submits (RFC 4918 §6.5).
  std::vector<std::string> submitted_tokens() const;
};

// The same of a request, for whoever decides about locks: none when there is no If header, or one
// that cannot be read.
std::vector<std::string> submitted_tokens(const Headers& headers);

// Errors: bad_request (malformed: answer 400), too_large (over the limits above).
Result<IfHeader> parse_if(std::string_view header);

// What a resource is now. One that does not exist, or that is of another host, has neither.
struct IfState {
  std::string etag;
  std::vector<std::string> tokens;
};

// Whether the header holds. `look_up` is called once per list at most, only as far as needed.
// Tokens are compared byte by byte, etags as in If-Match.
bool holds(const IfHeader& header, const std::function<IfState(const IfResource&)>& look_up);

}  // namespace essaim::http
