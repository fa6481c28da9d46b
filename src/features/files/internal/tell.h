// What the activity of the space is told of changes.
#pragma once

#include <string>

#include "features/files/internal/tree.h"
#include "features/notices/activity.h"

namespace essaim::files::internal {

// `node` as it is now; of what was deleted, as it was.
inline void tell(store::WriteTx& tx, notices::Type type, const access::Caller& caller,
                 const Node& node, std::string old_name = {}) {
  notices::record(tx, {.type = type,
                       .actor = caller.member,
                       .node = node.id,
                       .parent = node.parent,
                       .name = node.name,
                       .extra = {.old_name = std::move(old_name)}});
}

}  // namespace essaim::files::internal
