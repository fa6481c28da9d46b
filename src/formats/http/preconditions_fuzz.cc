// Five headers from five lines; whatever they say, the verdict is one that the method allows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/http/preconditions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim::http;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Headers headers;
  for (auto name :
       {"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"}) {
    auto end = rest.find('\n');
    if (end != 0) headers.add(name, rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (rest.empty()) break;
  }
  for (bool exists : {false, true}) {
    Validators current{exists, "\"a-1\"", 784'111'777};
    if (check_preconditions("PUT", headers, current) == Verdict::not_modified) std::abort();
    auto verdict = check_preconditions("GET", headers, current);
    if (!exists && verdict == Verdict::not_modified) std::abort();
    if (!exists && headers.get("If-Range") && if_range_holds(headers, current)) std::abort();
  }
  return 0;
}
