// No control character gets through, and no colon into the user's name.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text/text.h"
#include "formats/http/authorization.h"

namespace {

void check(std::string_view header) {
  auto read = essaim::http::parse_basic(header);
  if (!read) return;
  if (read->user.find(':') != std::string::npos) std::abort();
  if (read->user.size() + read->password.size() > essaim::http::kBasicBytesMax) std::abort();
  for (char c : read->user + read->password) {
    if (c >= 0 && c < 0x20) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text);
  check("Basic " + std::string(text));
  check("Basic " + essaim::text::base64_encode(text));
  return 0;
}
