// No control character gets through, and no colon into the user's name.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/http/authorization.h"
#include "formats/http/content_disposition.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim::http;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto read = parse_basic("Basic " + std::string(text))) {
    if (read->user.find(':') != std::string::npos) std::abort();
    for (char c : read->user + read->password) {
      if (c >= 0 && c < 0x20) std::abort();
    }
  }
  for (char c : content_disposition(text)) {
    if (c < 0x20 || c > 0x7E) std::abort();
  }
  return 0;
}
