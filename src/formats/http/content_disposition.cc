#include "formats/http/content_disposition.h"

namespace essaim::http {
namespace {

// The characters that RFC 8187 §3.2.1 leaves as they are.
bool is_attr_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && std::string_view("!#$&+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string content_disposition(std::string_view filename) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  std::string plain;
  for (char c : filename) {
    auto byte = static_cast<unsigned char>(c);
    if (is_attr_char(c)) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 15];
    }
    bool safe = byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\' && c != '%';
    if (safe) {
      plain += c;
    } else if (!is_continuation(c)) {  // one "_" per character, not per byte
      plain += '_';
    }
  }
  return "attachment; filename*=UTF-8''" + encoded + "; filename=\"" + plain + "\"";
}

}  // namespace essaim::http
