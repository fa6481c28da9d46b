// A host has one spelling: canonical once, canonical for ever.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "features/fleet/names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim::fleet;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto host = canonical_host(text)) {
    if (host->empty() || host->size() > kHostMax || canonical_host(*host) != host) std::abort();
    if (host->find_first_of("/\\@?#[] %") != std::string::npos) std::abort();
  }
  if (check_slug(text)) {
    auto main_host = std::string(text) + ".example.org";
    if (canonical_host(main_host) != main_host) std::abort();
  }
  return 0;
}
