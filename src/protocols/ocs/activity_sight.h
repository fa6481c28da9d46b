// What a caller may see of the activity: the one place where that is decided.
#pragma once

#include <optional>
#include <string>

#include "features/files/node.h"
#include "features/notices/activity.h"
#include "protocols/call/call.h"

namespace essaim::ocs {

struct Sight {
  bool allowed = false;
  // The node and its path below the root of the caller's files, when they reach it now.
  std::optional<files::Node> node;
  std::string path;
};

// By what the caller may see now, not when it happened:
//   - the node itself, or, when it is out of reach (deleted, moved away), the folder it was in;
//   - what they did themselves, and what was meant for them.
// Whoever looks after a space sees no more of people's own files than anybody else.
// Cost: at most 7 indexed reads.
Sight may_see(store::ReadTx& tx, const call::Call& call, const notices::Activity& row);

}  // namespace essaim::ocs
