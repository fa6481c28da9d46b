// No file name breaks out of the header it is put in.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "formats/http/content_disposition.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto header = essaim::http::content_disposition({reinterpret_cast<const char*>(data), size});
  if (!header.starts_with("attachment")) std::abort();
  for (char c : header) {
    if (c < 0x20 || c > 0x7E) std::abort();
  }
  // The quotes around the name are the only ones.
  if (std::ranges::count(header, '"') != 2) std::abort();
  return 0;
}
