#include "formats/http/cookies.h"

#include <algorithm>

namespace essaim::http {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool cookie_octet(char c) {
  return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\';
}

}  // namespace

std::optional<std::string_view> find_cookie(const Headers& headers, std::string_view name) {
  auto field = headers.get("Cookie");
  if (!field) return std::nullopt;
  std::string_view left = *field;
  for (int i = 0; i < kCookiesMax && !left.empty(); ++i) {
    auto end = std::min(left.find(';'), left.size());
    std::string_view pair = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    auto equals = pair.find('=');
    if (equals == std::string_view::npos || trimmed(pair.substr(0, equals)) != name) continue;
    std::string_view value = trimmed(pair.substr(equals + 1));
    if (!std::ranges::all_of(value, cookie_octet)) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

std::string set_cookie(const Cookie& cookie) {
  std::string out(cookie.name);
  out += '=';
  if (cookie.life_s >= 0) out += cookie.value;
  out += "; Path=/; HttpOnly; SameSite=Lax";
  if (cookie.secure) out += "; Secure";
  if (cookie.life_s != 0) out += "; Max-Age=" + std::to_string(std::max(cookie.life_s, 0));
  return out;
}

}  // namespace essaim::http
