#include "formats/http/dav_headers.h"

#include <algorithm>
#include <charconv>

#include "formats/http/text.h"

namespace essaim::http {
namespace {

constexpr std::string_view kSecond = "Second-";

std::optional<Duration> one_timeout(std::string_view text, Duration most) {
  if (same_word(text, "Infinite")) return most;
  if (!same_word(text.substr(0, kSecond.size()), kSecond)) return std::nullopt;
  std::string_view digits = text.substr(kSecond.size());
  if (digits.empty() || digits.front() == '-') return std::nullopt;
  std::int64_t seconds = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  if (end != digits.data() + digits.size()) return std::nullopt;
  std::int64_t seconds_max = most.count() / 1000;
  if (error == std::errc::result_out_of_range || seconds > seconds_max) return most;
  if (error != std::errc()) return std::nullopt;
  return std::max(Duration{1000}, Duration{seconds * 1000});
}

}  // namespace

Result<std::optional<Depth>> parse_depth(const Headers& headers) {
  auto text = headers.get("Depth");
  if (!text) return std::nullopt;
  if (*text == "0") return Depth::zero;
  if (*text == "1") return Depth::one;
  if (same_word(*text, "infinity")) return Depth::infinity;
  return fail(Code::bad_request, "Depth");
}

Result<Overwrite> parse_overwrite(const Headers& headers) {
  auto text = headers.get("Overwrite");
  if (!text || same_word(*text, "T")) return Overwrite::yes;
  if (same_word(*text, "F")) return Overwrite::no;
  return fail(Code::bad_request, "Overwrite");
}

Duration parse_timeout(const Headers& headers, Duration most, Duration otherwise) {
  std::string text = headers.joined("Timeout");
  ListReader list(text);
  while (auto element = list.next()) {
    if (auto timeout = one_timeout(*element, most)) return *timeout;
  }
  return otherwise;
}

Result<std::string> parse_lock_token(const Headers& headers) {
  auto text = headers.get("Lock-Token");
  if (!text || text->size() < 3 || text->front() != '<' || text->back() != '>') {
    return fail(Code::bad_request, "Lock-Token");
  }
  std::string_view token = text->substr(1, text->size() - 2);
  if (token.find_first_of("<> \t") != std::string_view::npos) {
    return fail(Code::bad_request, "Lock-Token");
  }
  return std::string(token);
}

}  // namespace essaim::http
