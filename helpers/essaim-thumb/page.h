// The first lines of a text, drawn on a page.
#pragma once

#include <vips/vips.h>

#include <string>

namespace essaim::thumb {

inline constexpr std::size_t kTextBytesMax = 8 * 1024;  // read from the file
inline constexpr std::size_t kTextLinesMax = 54;
inline constexpr std::size_t kTextColumnsMax = 120;  // characters of a line

// A white page with the text in it; null when it cannot be drawn, or holds nothing to see. The
// caller unrefs it.
VipsImage* draw_page(const std::string& bytes);

}  // namespace essaim::thumb
