// From the fields of a head to a RequestHead: who asks, through which proxy, which host is meant,
// how long the body is. Everything that could be read in two ways is refused (RFC 9112 §3, §6,
// §11).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/http/message.h"
#include "platform/http_server/internal/networks.h"
#include "platform/http_server/internal/parser.h"

namespace essaim::http_server {

// Where a request came in.
struct Origin {
  std::string_view address;  // of the peer: an IP address, or "unix"
  const Networks* trusted_proxies = nullptr;
  std::string_view fixed_host;  // not empty: the host of every request here
};

// Fills `head` but for its request_id. The status to refuse the request with, or 0: 400
// contradictory or malformed, 417 an Expect we do not know, 501 a transfer coding other than
// chunked.
int make_head(RawHead raw, const Origin& origin, http::RequestHead& head);

struct HostAndPort {
  std::string host;  // lower case, no brackets, no final dot
  bool has_port = false;
};
// Reads "Example.org:8080", "[::1]:80", "10.0.0.1". None when it is not a host. An empty text is an
// empty host.
std::optional<HostAndPort> parse_host(std::string_view text);

}  // namespace essaim::http_server
