// Paths as clients read them in OCS.
#pragma once

#include <string>

#include "features/files/node.h"

namespace essaim::ocs::internal {

// "/Docs/plan.txt", not encoded; empty for the root.
inline std::string slashed(const files::Path& path) {
  std::string out;
  for (const std::string& name : path) out += "/" + name;
  return out;
}

}  // namespace essaim::ocs::internal
