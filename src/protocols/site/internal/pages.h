// The texts of pages/, compiled in.
#pragma once

#include <string_view>

namespace essaim::site::pages {

extern const std::string_view home;

}  // namespace essaim::site::pages
