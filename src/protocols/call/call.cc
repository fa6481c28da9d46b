#include "protocols/call/call.h"

#include <algorithm>

#include "base/text/text.h"
#include "formats/http/cookies.h"

namespace essaim::call {

namespace {

// The weight of one language range, in thousandths: "fr;q=0.8" is 800.
int weight(std::string_view range) {
  auto at = range.find("q=");
  if (at == std::string_view::npos) return 1000;
  std::string_view digits = range.substr(at + 2);
  if (digits.starts_with('1')) return 1000;
  int value = 0;
  int unit = 100;
  for (char c : digits.substr(std::min<std::size_t>(2, digits.size()))) {
    if (c < '0' || c > '9' || unit == 0) break;
    value += (c - '0') * unit;
    unit /= 10;
  }
  return value;
}

}  // namespace

Language language_of(const http::Headers& headers) {
  std::string wanted = text::lower_ascii(headers.joined("Accept-Language"));
  int french = 0;
  int english = 0;
  std::string_view left(wanted);
  for (int count = 0; !left.empty() && count < 32; ++count) {
    auto end = std::min(left.find(','), left.size());
    std::string_view range = text::trim(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
    if (range.starts_with("fr")) french = std::max(french, weight(range));
    if (range.starts_with("en")) english = std::max(english, weight(range));
  }
  return english > french ? Language::english : Language::french;
}

std::string base_url(const Call& call) {
  return call.head.scheme + "://" + call.head.host_and_port;
}

std::string cookie_name(const http::RequestHead& head, std::string_view name) {
  std::string out = head.scheme == "https" ? "__Host-" : "";
  out += name;
  return out;
}

std::string_view session_secret(const http::RequestHead& head) {
  if (head.headers.get("Authorization")) return {};
  return http::find_cookie(head.headers, cookie_name(head, kSessionCookie)).value_or("");
}

bool from_our_pages(const http::RequestHead& head) {
  // Browsers send the first over https and on localhost only, and the second always with a POST.
  if (auto site = head.headers.get("Sec-Fetch-Site")) return *site == "same-origin";
  auto origin = head.headers.get("Origin");
  return origin && text::equal_ignoring_case(*origin, head.scheme + "://" + head.host_and_port);
}

}  // namespace essaim::call
