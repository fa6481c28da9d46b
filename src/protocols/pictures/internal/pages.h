// The texts of pages/, compiled in.
#pragma once

#include <string_view>

namespace essaim::pictures::pages {

extern const std::string_view account;

}  // namespace essaim::pictures::pages
