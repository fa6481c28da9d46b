// The texts of pages/, compiled in.
#pragma once

#include <string_view>

namespace essaim::dav::pages {

extern const std::string_view folder;

}  // namespace essaim::dav::pages
