// Which release this is, and which libraries it runs with.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace essaim::main {

// "0.1.0"
std::string_view version();
// Name and version of each library, as loaded where the library tells.
std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace essaim::main
