// Any bytes as a path, a Destination, a host and a form.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/uri/uri.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto path = uri::split_path(text)) {
    for (const auto& name : path->names) {
      if (name == ".." || name == "." || name.find('\0') != std::string::npos) std::abort();
    }
  }
  if (auto target = uri::parse_target(text)) (void)uri::split_path(target->path);
  (void)uri::host_of(text);
  (void)uri::form_value(text, "a");
  return 0;
}
