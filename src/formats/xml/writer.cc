#include "formats/xml/writer.h"

#include <array>
#include <cstdint>

namespace essaim::xml {

namespace {

// 0: stands for itself, 1: escaped, 2: forbidden, 3: first byte of U+FFxx (0xEF), which may be
// U+FFFE or U+FFFF.
constexpr std::array<std::uint8_t, 256> make_kinds() {
  std::array<std::uint8_t, 256> kinds{};
  for (int c = 0; c < 0x20; ++c) kinds[static_cast<std::size_t>(c)] = 2;
  kinds['\t'] = kinds['\n'] = kinds['\r'] = 0;
  kinds['&'] = kinds['<'] = kinds['>'] = kinds['"'] = 1;
  kinds[0xEF] = 3;
  return kinds;
}
constexpr std::array<std::uint8_t, 256> kKinds = make_kinds();

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    default:
      return "&quot;";
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint8_t kind = kKinds[static_cast<unsigned char>(text[i])];
    if (kind == 0) continue;
    if (kind == 3) {
      std::string_view next = text.substr(i, 3);
      if (next != "\xEF\xBF\xBE" && next != "\xEF\xBF\xBF") continue;
      out.append(text, plain, i - plain);
      i += 2;
    } else {
      out.append(text, plain, i - plain);
      if (kind == 1) out += entity(text[i]);
    }
    plain = i + 1;
  }
  out.append(text, plain, text.size() - plain);
}

}  // namespace essaim::xml
