// A picture for somebody who has none: their initials on a colour of their own. Drawn here, stroke
// by stroke: it needs no font, no helper and about a millisecond.
#pragma once

#include <string>
#include <string_view>

namespace essaim::pictures {

inline constexpr int kAvatarMin = 16;  // pixels
inline constexpr int kAvatarMax = 512;

// One or two of A-Z 0-9: of the first and the last word of `display`, without accents; else of
// `uid`; "" when neither has any.
std::string initials(std::string_view display, std::string_view uid);

enum class Shade : bool { light, dark };
// A square PNG of `size` pixels, within kAvatarMin and kAvatarMax. The colour goes by `uid`,
// without case; letters that are not A-Z 0-9 are left out.
std::string draw_initials(std::string_view letters, std::string_view uid, int size, Shade shade);

}  // namespace essaim::pictures
