// What is accepted keeps the limits and can be judged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/http/if_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim::http;
  auto header = parse_if({reinterpret_cast<const char*>(data), size});
  if (!header) return 0;
  if (header->lists.empty() || header->lists.size() > kIfListsMax) std::abort();
  for (const auto& list : header->lists) {
    if (list.conditions.empty()) std::abort();
    if (!list.resource.path.empty() && list.resource.path.front() != '/') std::abort();
  }
  auto tokens = header->submitted_tokens();
  (void)holds(*header, [&](const IfResource&) { return IfState{"\"e\"", tokens}; });
  return 0;
}
