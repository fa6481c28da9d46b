// QR codes, for what a phone shall read off a screen.
#pragma once

#include <string>
#include <string_view>

namespace essaim::qr {

// A square of `size` by `size` modules with the quiet zone around it; `path` is what is dark, as
// the `d` of an SVG path in the same units.
struct Picture {
  int size = 0;  // 0: the text is too long for one
  std::string path;
};
// Up to 1,000 bytes. Cost: about a millisecond.
Picture draw(std::string_view text);

}  // namespace essaim::qr
