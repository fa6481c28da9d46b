#include "platform/http_server/internal/parser.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "platform/loop/asio.h"
// After asio.h, whose switches Beast must see.
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace essaim::http_server {

namespace beast = boost::beast;
using beast::error_code;
using BeastText = beast::string_view;

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::string_view view(BeastText text) {
  return {text.data(), text.size()};
}

}  // namespace

// Beast calls back for each part. It is derived from, rather than used with Beast's own message, so
// that names and values are copied once, into ours.
struct RequestParser::Beast final : beast::http::basic_parser<true> {
  explicit Beast(std::size_t most) : headers_max(most) {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // the caller limits what it shows us
    body_limit(boost::none);
  }

  void on_request_impl(beast::http::verb, BeastText method, BeastText target, int version,
                       error_code&) override {
    head->method = view(method);
    head->target = view(target);
    head->minor_version = version - 10;
  }

  void on_response_impl(int, BeastText, int, error_code&) override {}

  void on_field_impl(beast::http::field, BeastText name, BeastText value,
                     error_code& error) override {
    if (head == nullptr) return;  // a trailer
    if (head->headers.all().size() == headers_max) {
      error = beast::http::error::header_limit;
      return;
    }
    head->headers.add(view(name), view(value));
  }

  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastText, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, BeastText, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, BeastText body, error_code& error) override {
    std::size_t count = std::min(body.size(), out.size() - written);
    std::memcpy(out.data() + written, body.data(), count);
    written += count;
    if (count < body.size()) error = beast::http::error::need_buffer;
    return count;
  }

  void on_finish_impl(error_code&) override {}

  std::size_t headers_max;
  RawHead* head = nullptr;  // set while a head is read
  std::span<std::byte> out;
  std::size_t written = 0;
};

std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t& scanned) {
  auto end = bytes.find(kHeadEnd, scanned);
  if (end != std::string_view::npos) return end + kHeadEnd.size();
  // The end may have begun in the last three bytes.
  scanned = bytes.size() - std::min(bytes.size(), kHeadEnd.size() - 1);
  return std::nullopt;
}

RequestParser::RequestParser(std::size_t headers_max)
    : beast_(std::make_unique<Beast>(headers_max)) {}
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

int RequestParser::parse_head(std::string_view head, RawHead& raw) {
  beast_->head = &raw;
  error_code error;
  std::size_t used = beast_->put({head.data(), head.size()}, error);
  beast_->head = nullptr;
  if (error == beast::http::error::header_limit) return 431;
  if (error == beast::http::error::bad_version) return 505;
  if (error || !beast_->is_header_done() || used != head.size()) return 400;
  raw.chunked = beast_->chunked();
  raw.keep_alive = beast_->keep_alive();
  if (auto length = beast_->content_length()) {
    if (*length > static_cast<std::uint64_t>(std::numeric_limits<ByteCount>::max())) return 400;
    raw.content_length = static_cast<ByteCount>(*length);
  }
  return 0;
}

RequestParser::Decoded RequestParser::decode(std::string_view in, std::span<std::byte> out) {
  beast_->out = out;
  beast_->written = 0;
  Decoded decoded;
  error_code error;
  while (!error && !beast_->is_done() && decoded.used < in.size()) {
    decoded.used += beast_->put({in.data() + decoded.used, in.size() - decoded.used}, error);
  }
  decoded.written = beast_->written;
  decoded.complete = beast_->is_done();
  decoded.malformed =
      error && error != beast::http::error::need_more && error != beast::http::error::need_buffer;
  return decoded;
}

}  // namespace essaim::http_server
