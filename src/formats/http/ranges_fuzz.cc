// Every range given back lies within the body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "formats/http/ranges.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim;
  std::uint64_t raw = 0;
  if (size < sizeof(raw)) return 0;
  std::memcpy(&raw, data, sizeof(raw));
  auto body = static_cast<ByteCount>(raw >> 1);
  std::string_view text(reinterpret_cast<const char*>(data) + sizeof(raw), size - sizeof(raw));
  auto request = http::parse_range(text, body);
  bool satisfiable = request.kind == http::RangeRequest::Kind::satisfiable;
  if (satisfiable == request.ranges.empty() || request.ranges.size() > http::kRangesMax) {
    std::abort();
  }
  for (const auto& range : request.ranges) {
    if (range.first < 0 || range.length < 1 || range.length > body - range.first) std::abort();
    (void)http::content_range(range, body);
  }
  return 0;
}
