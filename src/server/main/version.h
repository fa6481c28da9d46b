// Which release this is, and which libraries it was built and runs with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace essaim::main {

// "0.1.0"
std::string_view version();

struct LibraryVersion {
  std::string name;
  std::string built;   // of the headers
  std::string loaded;  // of the library itself; empty: it does not tell, or is headers alone
};
// Every library that is linked, by name, then the compiler.
std::vector<LibraryVersion> library_versions();

}  // namespace essaim::main
