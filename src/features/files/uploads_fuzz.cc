// The order of chunks is an order: three names, one to a line.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "features/files/uploads.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using essaim::files::before;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::array<std::string_view, 3> names;
  for (auto& name : names) {
    auto end = rest.find('\n');
    name = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  for (auto a : names) {
    if (before(a, a)) std::abort();
    for (auto b : names) {
      if (before(a, b) && before(b, a)) std::abort();
      // Two names never have one place: which came first would be chance.
      if (a != b && !before(a, b) && !before(b, a)) std::abort();
      for (auto c : names) {
        if (before(a, b) && before(b, c) && !before(a, c)) std::abort();
      }
    }
  }
  return 0;
}
