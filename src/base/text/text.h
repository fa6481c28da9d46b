// Text as bytes: UTF-8, Unicode form, percent-encoding, base64, numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace essaim::text {

bool valid_utf8(std::string_view text);
// Unicode form C (composed): how every name is stored and looked up, since macOS sends form D. None
// when it is not UTF-8. Cost: nothing for ASCII.
std::optional<std::string> nfc(std::string_view text);
// Lower case of ASCII letters only: protocol words, host names.
std::string lower_ascii(std::string_view text);
// What two texts have in common when case and accents do not count: lower case, marks removed,
// "œ" as "oe". For finding, never shown. Cost: nothing but a copy for ASCII.
std::string search_key(std::string_view text);
// The same, appended to `out`, whose memory can be used again and again. Cost: no memory for ASCII
// and the letters of Europe's Latin alphabets.
void append_search_key(std::string& out, std::string_view text);
// Whether search keys contain one that is looked for in many texts.
class Sought {
 public:
  explicit Sought(std::string_view search_key);
  // As search_key(text).find(key) says. Cost: about one look at each byte, for a text in which few
  // bytes can begin the key; no memory but `scratch`, which can be used again and again.
  bool in(std::string_view text, std::string& scratch) const;

 private:
  std::string key_;
  std::array<bool, 256> begins_{};  // whether a letter that begins with the byte may begin the key
};
// Compares byte by byte as people sort names: case and accents decide only between names that are
// otherwise the same.
std::string sort_key(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);

// Decodes %XX once; '+' stays a plus. None for a broken escape.
std::optional<std::string> percent_decode(std::string_view text);
// Encodes a path segment by segment: everything but A-Z a-z 0-9 - . _ ~ ! $ & ' ( ) * , : @ and
// '/'.
std::string percent_encode_path(std::string_view path);
void append_percent_encoded_path(std::string& out, std::string_view path);

std::optional<std::string> base64_decode(std::string_view text);
std::string base64_encode(std::string_view bytes);

// The whole text is a decimal number that fits; no sign but '-', no spaces.
std::optional<std::int64_t> to_int64(std::string_view text);
// A decimal number with an optional fraction, which is cut off: "1700000000.25".
std::optional<std::int64_t> to_int64_truncated(std::string_view text);

}  // namespace essaim::text
