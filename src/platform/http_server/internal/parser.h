// The grammar of HTTP/1: the bytes of a head to fields, and chunks to bytes (RFC 9112), by
// Boost.Beast's parser. No sockets here. What a head means is decided in head.h.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
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

class RequestParser {
 public:
  explicit RequestParser(std::size_t headers_max);
  RequestParser(RequestParser&&) noexcept;
  ~RequestParser();

  // Reads a whole head, as find_head_end() cut it. The status to refuse it with, or 0: 400
  // malformed, 431 more than `headers_max` fields, 505 not HTTP/1.0 or 1.1. Call once.
  int parse_head(std::string_view head, RawHead& raw);

  struct Decoded {
    std::size_t used = 0;     // bytes of `in` that are done with
    std::size_t written = 0;  // body bytes put in `out`
    bool complete = false;    // the last chunk and its trailers are read
    bool malformed = false;
  };
  // Decodes chunks after a head that said so. Uses as much of `in` as it can: when it uses nothing
  // and `out` is not full, it needs more bytes behind the ones it was shown. Trailers are dropped.
  Decoded decode(std::string_view in, std::span<std::byte> out);

 private:
  struct Beast;
  std::unique_ptr<Beast> beast_;
};

}  // namespace essaim::http_server
