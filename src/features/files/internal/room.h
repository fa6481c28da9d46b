// Room for what is written: the oldest of what was deleted or replaced goes for it.
#pragma once

#include <optional>

#include "features/files/internal/tree.h"
#include "space/blobs/blobs.h"

namespace essaim::files::internal {

// Makes sure that `more` bytes fit into the space and into what the owner of the place may use.
// Error: quota_exceeded; then nothing went, unless kLetGoMax did not suffice. Cost: 2 small reads,
// and about 8 statements for each entry that goes.
Result<void> make_room(store::WriteTx& tx, blobs::Store& blobs, NodeId place, ByteCount more);
// Error: quota_exceeded, when `more` bytes that the space has already do not fit into what the
// owner of the place may use.
Result<void> check_limit(store::ReadTx& tx, NodeId place, ByteCount more);
// What the owner of a place may use in it; none: as much as the space has.
std::optional<ByteCount> limit_of(store::ReadTx& tx, NodeId place);

// Lets the oldest entries of the bins and the oldest versions go until `bytes` went, at most
// `count` of them; only of one place when one is named. Labelled versions stay. Returns the bytes
// that went.
struct LetGo {
  ByteCount bytes = 0;
  int count = 0;
};
LetGo let_oldest_go(store::WriteTx& tx, blobs::Store& blobs, NodeId place, ByteCount bytes,
                    int count);

// What could go, of all places or of one; labelled versions cannot.
ByteCount releasable(store::ReadTx& tx);
ByteCount releasable(store::ReadTx& tx, NodeId place);

// Bytes of everything: contents, bins and versions.
ByteCount used_by_place(store::ReadTx& tx, NodeId place);

}  // namespace essaim::files::internal
