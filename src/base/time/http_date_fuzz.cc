// Whatever is accepted lies within the span that can be written, and survives a round trip.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/time/http_date.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (auto instant : {essaim::parse_http_date(text), essaim::parse_iso8601(text)}) {
    if (!instant) continue;
    if (*instant < essaim::kFirstInstant || *instant > essaim::kLastInstant) std::abort();
    auto again = essaim::parse_http_date(essaim::format_http_date(*instant));
    if (!again || again->seconds() != instant->seconds()) std::abort();
  }
  return 0;
}
