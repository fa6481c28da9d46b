// The grammar of a request's head: bytes to fields (RFC 9112), by Boost.Beast's parser. No sockets
// here. What a head means is decided in head.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/types.h"
#include "formats/http/message.h"

namespace essaim::http_server {

// Where the head at the beginning of `bytes` ends (just after its empty line). `scanned` is kept by
// the caller from call to call as more bytes arrive, so that a head that comes byte by byte is not
// searched again and again; it starts at 0.
std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t& scanned);

struct RawHead {
  std::string method;
  std::string target;
  int minor_version = 1;
  http::Headers headers;
  std::optional<ByteCount> content_length;
  bool chunked = false;
  bool keep_alive = false;  // as version and Connection ask
};

// Reads a whole head, as find_head_end() cut it, to a fresh `raw`. The status to refuse it with, or
// 0: 400 malformed, 431 more than `headers_max` fields, 505 not HTTP/1.0 or 1.1.
int parse_head(std::string_view head, std::size_t headers_max, RawHead& raw);

}  // namespace essaim::http_server
