// A cookie is a piece of what was sent, and holds nothing that could end it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/http/cookies.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  essaim::http::Headers headers;
  headers.set("Cookie", std::string_view(reinterpret_cast<const char*>(data), size));
  if (auto value = essaim::http::find_cookie(headers, "a")) {
    for (char c : *value) {
      if (c <= 0x20 || c >= 0x7F || c == ';' || c == '"') std::abort();
    }
  }
  return 0;
}
