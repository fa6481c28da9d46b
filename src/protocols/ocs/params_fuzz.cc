// A form as query, as body and as JSON: no value is without its bound, none holds a zero byte.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text/text.h"
#include "protocols/ocs/internal/params.h"

namespace {

void check(std::string_view query, std::string_view type, std::string_view body) {
  auto params = essaim::ocs::internal::Params::parse(query, type, body);
  if (!params) return;
  for (const char* name : {"a", "groups", "value"}) {
    auto values = params->list(name);
    if (values.size() > essaim::ocs::internal::kParamsMax) std::abort();
    for (const auto& value : values) {
      if (value.find('\0') != std::string::npos) std::abort();
      if (!essaim::text::valid_utf8(value)) std::abort();
    }
    if (params->text(name).has_value() != !values.empty()) std::abort();
    (void)params->number(name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, "", "");
  check("", "application/x-www-form-urlencoded", text);
  check("a=1", "application/json", text);
  return 0;
}
