// How much room is left: one pool for the space, and a limit of a member's own where one is set.
#pragma once

#include <string>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "space/store/tx.h"

namespace essaim::files {

// What is in a bin, and versions without a label, count as used by the space, and go when something
// else needs their room: to a person that room is free.
struct Quota {
  ByteCount used = 0;       // in the place, by what stays
  ByteCount available = 0;  // for what is written there; never negative
};
// `place` is the root of one. Cost: 7 small reads.
Quota quota(store::ReadTx& tx, NodeId place);

// Entries of bins and versions that go to make room for one request.
inline constexpr int kLetGoMax = 1'000;

// Error: quota_exceeded, when `more` bytes do not fit, whatever may go. Fewer bytes always fit.
// Cost: 2 small reads, unless something has to go.
Result<void> check_quota(store::ReadTx& tx, NodeId place, ByteCount more);

// Bytes of all places together, with bins and versions.
ByteCount used_by_space(store::ReadTx& tx);

// Where the kept counts differ from a recount, as sentences; for `doctor`. Cost: reads every node.
std::vector<std::string> recount(store::ReadTx& tx);

}  // namespace essaim::files
