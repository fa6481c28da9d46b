#include "base/text/base32.h"

#include <cstdint>

namespace essaim::text {

std::string base32_encode(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (char c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out.push_back(kDigits[(held >> bits) & 31]);
    }
  }
  if (bits > 0) out.push_back(kDigits[(held << (5 - bits)) & 31]);
  return out;
}

}  // namespace essaim::text
