// How much room is left: one pool for the space, and a limit of a member's own where one is set.
#pragma once

#include <string>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "features/access/access.h"
#include "space/store/tx.h"

namespace essaim::files {

struct Quota {
  ByteCount used = 0;       // in the caller's place
  ByteCount available = 0;  // for the caller; never negative
};
// Cost: 3 small reads.
Quota quota(store::ReadTx& tx, const access::Caller& caller, const access::Place& place);

// Error: quota_exceeded, when `more` bytes do not fit. Fewer bytes always fit.
Result<void> check_quota(store::ReadTx& tx, const access::Caller& caller,
                         const access::Place& place, ByteCount more);

// Bytes of all places together.
ByteCount used_by_space(store::ReadTx& tx);

// Where the kept counts differ from a recount, as sentences; for `doctor`. Cost: reads every node.
std::vector<std::string> recount(store::ReadTx& tx);

}  // namespace essaim::files
