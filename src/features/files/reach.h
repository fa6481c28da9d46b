// A file or folder by its id, for addresses that carry no path.
#pragma once

#include "features/files/node.h"

namespace essaim::files {

// The node with that id, if it lies in this place. Errors: not_found, also for one that exists
// elsewhere: nobody learns which ids are taken. Cost: 2 statements; the second walks up to the
// root.
Result<Node> reach(store::ReadTx& tx, const access::Place& place, NodeId id);

}  // namespace essaim::files
