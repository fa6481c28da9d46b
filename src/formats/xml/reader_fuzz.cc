// Any bytes: no crash, and what was read can be written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/xml/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto root = essaim::xml::read(text);
  if (root) {
    auto again =
        essaim::xml::read("<a>" + essaim::xml::inner_xml(*root) + "</a>",
                          {.size_max = essaim::kGiB, .depth_max = 64, .elements_max = 20'000});
    if (!again) std::abort();
  }
  return 0;
}
