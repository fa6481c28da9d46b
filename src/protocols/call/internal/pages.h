// The texts of pages/, compiled in.
#pragma once

#include <string_view>

namespace essaim::call::pages {

extern const std::string_view frame;
extern const std::string_view notice;
extern const std::string_view style;

}  // namespace essaim::call::pages
