// Accept-Language names one of two languages, whatever it says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "protocols/call/call.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim;
  http::Headers headers;
  headers.add("Accept-Language", std::string_view(reinterpret_cast<const char*>(data), size));
  auto language = call::language_of(headers);
  if (language != call::Language::french && language != call::Language::english) std::abort();
  return 0;
}
