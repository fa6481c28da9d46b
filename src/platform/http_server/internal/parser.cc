#include "platform/http_server/internal/parser.h"

#include <algorithm>
#include <limits>

#include "platform/loop/asio.h"
// After asio.h, whose switches Beast must see.
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace essaim::http_server {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using BeastText = beast::string_view;

constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::string_view view(BeastText text) {
  return {text.data(), text.size()};
}

// Beast calls back for each part. It is derived from, rather than used with Beast's own message, so
// that names and values are copied once, into ours.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  HeadParser(std::size_t headers_max, RawHead& raw) : headers_max_(headers_max), raw_(raw) {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // the caller limits what it shows us
    body_limit(boost::none);
  }

 private:
  void on_request_impl(beast::http::verb, BeastText method, BeastText target, int version,
                       error_code&) override {
    raw_.method = view(method);
    raw_.target = view(target);
    raw_.minor_version = version - 10;
  }

  void on_field_impl(beast::http::field, BeastText name, BeastText value,
                     error_code& error) override {
    if (raw_.headers.all().size() < headers_max_) {
      raw_.headers.add(view(name), view(value));
    } else {
      error = beast::http::error::header_limit;
    }
  }

  // No body is shown to it.
  void on_response_impl(int, BeastText, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastText, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, BeastText, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastText, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  std::size_t headers_max_;
  RawHead& raw_;
};

}  // namespace

std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t& scanned) {
  auto end = bytes.find(kHeadEnd, scanned);
  if (end != std::string_view::npos) return end + kHeadEnd.size();
  // The end may have begun in the last three bytes.
  scanned = bytes.size() - std::min(bytes.size(), kHeadEnd.size() - 1);
  return std::nullopt;
}

int parse_head(std::string_view head, std::size_t headers_max, RawHead& raw) {
  HeadParser parser(headers_max, raw);
  error_code error;
  std::size_t used = parser.put({head.data(), head.size()}, error);
  if (error == beast::http::error::header_limit) return 431;
  if (error == beast::http::error::bad_version) return 505;
  if (error || !parser.is_header_done() || used != head.size()) return 400;
  raw.chunked = parser.chunked();
  raw.keep_alive = parser.keep_alive();
  if (auto length = parser.content_length()) {
    if (*length > static_cast<std::uint64_t>(std::numeric_limits<ByteCount>::max())) return 400;
    raw.content_length = static_cast<ByteCount>(*length);
  }
  return 0;
}

}  // namespace essaim::http_server
