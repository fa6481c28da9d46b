#include "protocols/login/internal/answers.h"

#include <algorithm>

#include "formats/http/cookies.h"
#include "formats/uri/uri.h"

namespace essaim::login::internal {

namespace {
constexpr std::size_t kLocalPathMax = 2'000;  // bytes
constexpr std::string_view kAfterLogIn = "/settings/user/security";
}  // namespace

std::string_view either(const call::Call& call, std::string_view french, std::string_view english) {
  return call.language == call::Language::french ? french : english;
}

std::string field(const call::Call& call, std::string_view name) {
  return uri::form_value(call.body, name).value_or("");
}

std::string query(const call::Call& call, std::string_view name) {
  return uri::form_value(call.head.query, name).value_or("");
}

std::string local_path(std::string_view text) {
  bool absolute = text.starts_with('/') && !text.starts_with("//");
  bool plain = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
  return absolute && plain && text.size() <= kLocalPathMax ? std::string(text) : std::string();
}

std::string target_of(std::string_view text) {
  std::string path = local_path(text);
  return path.empty() ? std::string(kAfterLogIn) : path;
}

void set_failure(html::Values& values, call::FormSignIn form) {
  bool throttled = form == call::FormSignIn::throttled;
  bool failed = throttled || form == call::FormSignIn::wrong;
  values.flag("failed", failed).flag("throttled", throttled).flag("wrong", failed && !throttled);
}

int failure_status(call::FormSignIn form) {
  if (form == call::FormSignIn::throttled) return 429;
  return form == call::FormSignIn::wrong ? 403 : 200;
}

void set_cookie(http::Response& response, const call::Call& call, std::string_view name,
                std::string_view value, int life_s) {
  std::string wire_name = call::cookie_name(call.head, name);
  response.headers.add("Set-Cookie", http::set_cookie({.name = wire_name,
                                                       .value = value,
                                                       .secure = call.head.scheme == "https",
                                                       .life_s = life_s}));
}

}  // namespace essaim::login::internal
