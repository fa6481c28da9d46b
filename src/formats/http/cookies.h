// Cookies (RFC 6265): one found in a request, one set by a response.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/http/message.h"

namespace essaim::http {

inline constexpr int kCookiesMax = 64;  // looked at in one request

// The value of the first cookie of that name; names compare with case. None when there is none, or
// when its value holds anything but visible ASCII without quotes, commas, semicolons and
// backslashes (§4.1.1).
std::optional<std::string_view> find_cookie(const Headers& headers, std::string_view name);

struct Cookie {
  std::string_view name;
  std::string_view value;  // letters and digits, made by us
  bool secure = false;     // only over https
  int life_s = 0;          // 0: until the browser is closed; below: removes it
};
// The value of a Set-Cookie field: for the whole site, out of the reach of scripts, not sent along
// by forms of other sites.
std::string set_cookie(const Cookie& cookie);

}  // namespace essaim::http
