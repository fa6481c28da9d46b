// What is accepted keeps the limits, and can be judged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "protocols/dav/search_request.h"

namespace {

int count(const essaim::files::Condition& condition, int depth) {
  if (depth > essaim::files::kConditionDepthMax) std::abort();
  if (condition.text.size() > essaim::files::kLiteralMax) std::abort();
  int out = 1;
  for (const auto& each : condition.of) out += count(each, depth + 1);
  return out;
}

void check(const essaim::files::Search& search) {
  using namespace essaim::files;
  if (count(search.where, 0) > kConditionsMax + 1) std::abort();
  if (search.limit < 0 || search.limit > kFoundMax) std::abort();
  if (search.first < 0 || search.first > kFirstMax) std::abort();
  if (search.order.size() > kOrdersMax) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body(reinterpret_cast<const char*>(data), size);
  if (auto request = essaim::dav::parse_search(body)) check(request->search);
  if (auto report = essaim::dav::parse_file_report(body)) check(report->search);
  return 0;
}
