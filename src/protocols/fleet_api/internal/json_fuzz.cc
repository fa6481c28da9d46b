// The body of an operator's command: whatever it is, its fields are read or it is refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "protocols/fleet_api/internal/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim::fleet_api::internal;
  auto fields = Fields::parse({reinterpret_cast<const char*>(data), size});
  if (!fields) return 0;
  (void)fields->text("slug");
  (void)fields->optional_text("name");
  (void)fields->optional_number("quota");
  (void)fields->flag("force");
  (void)fields->texts("hosts");
  if (auto done = fields->done(); !done && done.error().detail.empty()) std::abort();
  return 0;
}
