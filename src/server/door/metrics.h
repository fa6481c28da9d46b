// What is counted, as Prometheus reads it (text format 0.0.4). For the operator only: it says how
// many spaces there are, and nothing about any one of them.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "features/fleet/registry.h"
#include "platform/http_server/server.h"
#include "space/lane/lanes.h"

namespace essaim::door {

struct Counted {
  http_server::Counters http;
  lane::Counters lanes;
  std::array<std::int64_t, fleet::kStates> spaces{};
  std::string version;
};

// Adds what the process itself knows: memory, descriptors, CPU time.
std::string render_metrics(const Counted& counted);

}  // namespace essaim::door
