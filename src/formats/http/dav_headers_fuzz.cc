#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/http/dav_headers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  http::Headers headers;
  for (auto name : {"Depth", "Overwrite", "Timeout", "Lock-Token"}) headers.add(name, text);
  (void)http::parse_depth(headers);
  (void)http::parse_overwrite(headers);
  (void)http::parse_lock_token(headers);
  constexpr Duration kMost{3'600'000};
  Duration timeout = http::parse_timeout(headers, kMost, kMost);
  if (timeout > kMost || timeout < Duration{1000}) std::abort();
  return 0;
}
