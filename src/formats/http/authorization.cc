#include "formats/http/authorization.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "formats/http/text.h"

namespace essaim::http {
namespace {

constexpr std::uint8_t kNotBase64 = 0xFF;

constexpr auto kSextets = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNotBase64);
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

// Padding may be left out, as some clients do; anything else that is not base64 is refused.
std::optional<std::string> decode_base64(std::string_view text) {
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    std::uint8_t sextet = kSextets[static_cast<unsigned char>(c)];
    if (sextet == kNotBase64) return std::nullopt;
    bits = (bits << 6 | sextet) & 0xFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i]);
    std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 0 || lead > 0xF4 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      auto next = static_cast<unsigned char>(text[i + k]);
      unsigned char low = 0x80;
      unsigned char high = 0xBF;
      if (k == 1 && lead == 0xE0) low = 0xA0;
      if (k == 1 && lead == 0xED) high = 0x9F;
      if (k == 1 && lead == 0xF0) low = 0x90;
      if (k == 1 && lead == 0xF4) high = 0x8F;
      if (next < low || next > high) return false;
    }
    i += length;
  }
  return true;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace

Result<BasicCredentials> parse_basic(std::string_view header) {
  constexpr std::string_view kScheme = "Basic";
  header = trim(header);
  if (header.size() > kBasicBytesMax) return fail(Code::bad_request, "Authorization: length");
  if (header.size() <= kScheme.size() || !same_word(header.substr(0, kScheme.size()), kScheme) ||
      header[kScheme.size()] != ' ') {
    return fail(Code::bad_request, "Authorization: scheme");
  }
  auto decoded = decode_base64(trim(header.substr(kScheme.size())));
  if (!decoded) return fail(Code::bad_request, "Authorization: base64");
  if (std::ranges::any_of(*decoded, is_control) || !is_utf8(*decoded)) {
    return fail(Code::bad_request, "Authorization: characters");
  }
  auto colon = decoded->find(':');
  if (colon == std::string::npos) return fail(Code::bad_request, "Authorization: no colon");
  return BasicCredentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

}  // namespace essaim::http
