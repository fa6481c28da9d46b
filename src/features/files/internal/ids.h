// A list of ids as one bound value: `IN (SELECT value FROM json_each(?))`.
#pragma once

#include <string>
#include <vector>

#include "base/core/types.h"

namespace essaim::files::internal {

template <class Tag>
std::string id_list(const std::vector<Id<Tag>>& ids) {
  std::string out = "[";
  for (const auto& id : ids) {
    if (out.size() > 1) out += ',';
    out += std::to_string(id.value);
  }
  out += ']';
  return out;
}

}  // namespace essaim::files::internal
