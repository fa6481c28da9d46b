// What the functions of this module share: reading node rows, walking up, counting usage.
#pragma once

#include <optional>
#include <string_view>

#include "features/files/node.h"
#include "space/journal/journal.h"
#include "space/store/tx.h"

namespace essaim::files::internal {

// The folder whose children wait to be purged (migration 1).
inline constexpr NodeId kPurge{2};

std::optional<Node> child(store::ReadTx& tx, NodeId folder, std::string_view name);
std::optional<Node> by_id(store::ReadTx& tx, NodeId id);

// Where a new or moved node would go: its parent folder and the name, checked.
struct Spot {
  Node parent;
  std::string name;
  std::optional<Node> existing;
};
// Errors: conflict (no such parent folder), forbidden (the root itself), invalid_name only when
// nothing exists under that name.
Result<Spot> spot(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                  const Path& path);

// What a change adds below a folder.
struct Delta {
  ByteCount bytes = 0;
  std::int64_t files = 0;
};
// Moves seq, size, files and mtime of `folder` and everything above it. Cost: 1 statement.
void touch_up(store::WriteTx& tx, NodeId folder, Seq seq, Delta delta);
// Counts for the quota. Cost: 1 statement.
void add_usage(store::WriteTx& tx, const access::Place& place, Delta delta);

// Error: too_large when the folder is full.
Result<void> check_room(store::ReadTx& tx, NodeId folder);

// Ends the locks on a node and on everything below it. Cost: one probe when the space has none.
void end_locks(store::WriteTx& tx, NodeId node);

// Takes a node out of its folder and into the purge, with counts and etags. Its locks end.
void detach(store::WriteTx& tx, const access::Place& place, const Node& node, Seq seq);

}  // namespace essaim::files::internal
