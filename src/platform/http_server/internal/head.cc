#include "platform/http_server/internal/head.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text/text.h"
#include "formats/http/text.h"

namespace essaim::http_server {
namespace {

constexpr std::size_t kHostMax = 255;  // RFC 1035 §2.3.4

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool is_ip6_char(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.';
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port <= 65535;
}

std::size_t count(const http::Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      headers.all(), [&](const auto& field) { return http::same_word(field.first, name); }));
}

// The last element of a comma-separated field: the one the nearest proxy wrote.
std::string_view last_element(std::string_view list) {
  auto comma = list.rfind(',');
  return http::trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
}

// Splits a target into path and query. An absolute URL (RFC 9112 §3.2.2) also names the host.
bool read_target(std::string_view target, http::RequestHead& head, std::string& host) {
  if (target.find('#') != std::string_view::npos) return false;
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!http::same_word(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    auto end = target.find_first_of("/?");
    host = target.substr(0, end);
    target = end == std::string_view::npos ? std::string_view() : target.substr(end);
    if (host.empty()) return false;
    if (!target.starts_with('/')) {
      head.path = "/";
      if (!target.empty()) head.query = target.substr(1);
      return true;
    }
    break;
  }
  // The whole server is meant: close enough to its root, and handlers can rely on the slash.
  if (target == "*" && head.method == "OPTIONS") target = "/";
  if (!target.starts_with('/')) return false;
  auto question = target.find('?');
  head.path = target.substr(0, question);
  if (question != std::string_view::npos) head.query = target.substr(question + 1);
  return true;
}

// How long the body is. Beast has refused both lengths at once, and lengths that differ.
int read_body_length(const RawHead& raw, http::RequestHead& head) {
  if (auto coding = raw.headers.get("Transfer-Encoding")) {
    if (raw.minor_version == 0 || raw.content_length) return 400;
    if (!raw.chunked || !http::same_word(*coding, "chunked")) return 501;
  }
  head.content_length = raw.content_length;
  head.has_body = raw.chunked || raw.content_length.value_or(0) > 0;
  auto expect = raw.headers.get("Expect");
  if (expect && raw.minor_version > 0) {
    if (!http::same_word(*expect, "100-continue")) return 417;
    head.expects_continue = head.has_body;
  }
  return 0;
}

// The client's address: from the right, past every proxy that is trusted (each appends the address
// it was asked from).
std::string client_address(const http::Headers& headers, const Origin& origin) {
  std::string joined = headers.joined("X-Forwarded-For");
  std::string_view rest = joined;
  std::string address(origin.address);
  while (!rest.empty() && origin.trusted_proxies->contains(address)) {
    std::string_view element = last_element(rest);
    auto written = normal_address(element);
    if (!written) break;  // whoever wrote that is not to be believed
    address = *written;
    auto comma = rest.rfind(',');
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
  }
  return address;
}

}  // namespace

std::optional<HostAndPort> parse_host(std::string_view text) {
  HostAndPort result;
  if (text.size() > kHostMax) return std::nullopt;
  std::string_view rest;
  if (text.starts_with('[')) {
    auto close = text.find(']');
    if (close == std::string_view::npos || close == 1) return std::nullopt;
    std::string_view inside = text.substr(1, close - 1);
    if (!std::ranges::all_of(inside, is_ip6_char)) return std::nullopt;
    result.host = text::lower_ascii(inside);
    rest = text.substr(close + 1);
  } else {
    auto colon = text.find(':');
    std::string_view name = text.substr(0, colon);
    if (!std::ranges::all_of(name, is_host_char)) return std::nullopt;
    if (name.empty() && colon != std::string_view::npos) return std::nullopt;
    if (name.ends_with('.')) name.remove_suffix(1);
    result.host = text::lower_ascii(name);
    if (colon != std::string_view::npos) rest = text.substr(colon);
  }
  if (rest.empty()) return result;
  if (rest.front() != ':') return std::nullopt;
  result.has_port = rest.size() > 1;
  if (result.has_port && !is_port(rest.substr(1))) return std::nullopt;
  return result;
}

int make_head(RawHead raw, const Origin& origin, http::RequestHead& head) {
  head.method = std::move(raw.method);
  head.minor_version = raw.minor_version;
  if (count(raw.headers, "Host") > 1) return 400;
  auto host_field = raw.headers.get("Host");
  if (!host_field && raw.minor_version > 0) return 400;
  std::string host(host_field.value_or(""));
  if (!read_target(raw.target, head, host)) return 400;
  if (int status = read_body_length(raw, head); status != 0) return status;

  head.scheme = "http";
  head.remote_address = origin.address;
  if (origin.trusted_proxies->contains(origin.address)) {
    head.remote_address = client_address(raw.headers, origin);
    std::string proto = raw.headers.joined("X-Forwarded-Proto");
    if (http::same_word(last_element(proto), "https")) head.scheme = "https";
    std::string forwarded = raw.headers.joined("X-Forwarded-Host");
    if (!forwarded.empty()) host = last_element(forwarded);
  }
  auto parsed = parse_host(host);
  if (!parsed) return 400;
  head.host = std::move(parsed->host);
  head.host_and_port = std::move(host);
  if (!origin.fixed_host.empty()) {
    head.host = origin.fixed_host;
    head.host_and_port = origin.fixed_host;
  }
  head.headers = std::move(raw.headers);
  return 0;
}

}  // namespace essaim::http_server
