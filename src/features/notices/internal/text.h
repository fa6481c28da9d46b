// Texts that are cut before they are stored.
#pragma once

#include <string_view>

namespace essaim::notices::internal {

// At most `count` bytes, without cutting a character in two.
inline std::string_view first_bytes(std::string_view text, std::size_t count) {
  if (text.size() <= count) return text;
  while (count > 0 && (static_cast<unsigned char>(text[count]) & 0xC0) == 0x80) --count;
  return text.substr(0, count);
}

}  // namespace essaim::notices::internal
