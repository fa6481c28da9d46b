#include "platform/http_server/internal/response_head.h"

#include <algorithm>
#include <optional>

#include "base/text/text.h"
#include "formats/http/text.h"

namespace essaim::http_server {
namespace {

constexpr std::size_t kHeadUsual = 512;  // bytes reserved

bool breaks_line(std::string_view value) {
  return std::ranges::any_of(value, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

// The length of the body when it is known.
std::optional<ByteCount> body_length(const http::Response& response) {
  if (auto* text = std::get_if<std::string>(&response.body)) {
    return static_cast<ByteCount>(text->size());
  }
  if (auto* range = std::get_if<http::FileRange>(&response.body)) return range->length;
  return response.source_length;
}

bool bad_body(const http::Response& response) {
  if (auto* range = std::get_if<http::FileRange>(&response.body)) {
    return !range->file || range->offset < 0 || range->length < 0;
  }
  if (auto* source = std::get_if<std::unique_ptr<http::Source>>(&response.body)) {
    return *source == nullptr || response.source_length.value_or(0) < 0;
  }
  return false;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

// The application's own fields. Returns its Content-Length, which is for the caller to use or not.
Result<std::string_view> append_fields(std::string& out, const http::Response& response) {
  std::string_view length;
  for (const auto& [name, value] : response.headers.all()) {
    if (!http::is_token(name) || breaks_line(value)) {
      return fail(Code::internal, "response header: " + name);
    }
    if (http::same_word(name, "Content-Length")) {
      length = value;
      continue;
    }
    if (http::same_word(name, "Transfer-Encoding") || http::same_word(name, "Connection")) continue;
    append_field(out, name, value);
  }
  return length;
}

}  // namespace

Result<ResponseHead> make_response_head(const http::Response& response, const ResponseTo& to) {
  int status = response.status;
  if (status < 200 || status > 599) return fail(Code::internal, "status " + std::to_string(status));
  if (bad_body(response)) return fail(Code::internal, "response body");
  ResponseHead head;
  std::string& out = head.bytes;
  out.reserve(kHeadUsual);
  out += to.minor_version == 0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  out += std::to_string(status);
  out += ' ';
  out += http::reason(status);
  out += "\r\n";
  std::string_view own_length = TRY(append_fields(out, response));
  if (!response.headers.get("Date")) append_field(out, "Date", to.date);
  if (!response.headers.get("X-Request-Id")) append_field(out, "X-Request-Id", to.request_id);

  // What an answer is, it says; no client has to guess, and a guess could be a script.
  if (!response.headers.get("X-Content-Type-Options")) {
    append_field(out, "X-Content-Type-Options", "nosniff");
  }

  bool head_only = to.method == "HEAD";
  bool bodiless = status == 204 || status == 304;
  head.keep_alive = to.keep_alive && !response.headers.has_token("Connection", "close");
  auto length = body_length(response);
  if (bodiless) {
    head.framing = Framing::none;
  } else if (length) {
    bool announce_own = head_only && *length == 0 && text::to_int64(own_length).value_or(-1) >= 0;
    append_field(out, "Content-Length",
                 announce_own ? std::string(own_length) : std::to_string(*length));
    head.framing = head_only ? Framing::none : Framing::length;
    head.length = *length;
  } else if (to.minor_version == 0) {
    head.framing = head_only ? Framing::none : Framing::until_close;
    head.keep_alive = head.keep_alive && head_only;
  } else {
    append_field(out, "Transfer-Encoding", "chunked");
    head.framing = head_only ? Framing::none : Framing::chunked;
  }
  if (!head.keep_alive) {
    append_field(out, "Connection", "close");
  } else if (to.minor_version == 0) {
    append_field(out, "Connection", "keep-alive");
  }
  out += "\r\n";
  return head;
}

http::Response plain_response(int status) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string(http::reason(status)) + "\n";
  return response;
}

}  // namespace essaim::http_server
