// A file of settings is taken with every number within its limits, or refused with a reason.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim::config;
  auto read = parse({reinterpret_cast<const char*>(data), size});
  if (!read) {
    if (read.error().detail.empty()) std::abort();
    return 0;
  }
  if (read->domain.empty() || read->hash_slots < 1 || read->lane_workers < 1) std::abort();
  if (read->open_spaces_max <= read->lane_workers || read->connections_max < 1) std::abort();
  return 0;
}
