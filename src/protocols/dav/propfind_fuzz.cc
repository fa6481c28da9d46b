// Whatever a PROPFIND asks for, the limit holds and every name can be looked for.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "protocols/dav/multistatus.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim::dav;
  auto wanted = parse_propfind({reinterpret_cast<const char*>(data), size});
  if (!wanted) return 0;
  (void)wanted->needs_dead();
  for (const auto& name : wanted->names) {
    if (name.name.empty()) std::abort();
    if (!wanted->asks(name.ns, name.name)) std::abort();
  }
  return 0;
}
