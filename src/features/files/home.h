// "Mes fichiers": the private place of a member.
#pragma once

#include "base/core/error.h"
#include "base/core/types.h"
#include "features/members/members.h"
#include "space/store/tx.h"

namespace essaim::files {

// Makes the root folder of the member and tells members about it. Error: exists.
Result<NodeId> create_home(store::WriteTx& tx, const members::Member& member);

}  // namespace essaim::files
