// The head of a response as bytes, and how its body will be framed (RFC 9112 §6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "formats/http/message.h"

namespace essaim::http_server {

enum class Framing : std::uint8_t {
  none,         // no body follows: HEAD, 204, 304
  length,       // Content-Length bytes follow
  chunked,      // HTTP/1.1, a Source of unknown length
  until_close,  // HTTP/1.0, a Source of unknown length
};

struct ResponseHead {
  std::string bytes;  // status line to empty line
  Framing framing = Framing::none;
  ByteCount length = 0;  // of the body, when framing is length
  bool keep_alive = false;
};

// What of the request and the connection shapes the head.
struct ResponseTo {
  std::string_view method;
  int minor_version = 1;
  std::string_view request_id;
  std::string_view date;
  bool keep_alive = false;  // wanted; the response may still end the connection
};

// Adds Date, X-Request-Id, Connection, and Content-Length or Transfer-Encoding; the response's own
// of the last two are dropped, except a Content-Length in an answer to HEAD that has an empty body.
// `Connection: close` in the response ends the connection. Errors: internal, for a status outside
// 200 to 599, a name or value that would break the head (a line break), or a length below zero: a
// bug of the application's.
Result<ResponseHead> make_response_head(const http::Response& response, const ResponseTo& to);

// A short answer in plain text: "Not Found".
http::Response plain_response(int status);

}  // namespace essaim::http_server
