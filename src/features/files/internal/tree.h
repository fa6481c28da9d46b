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

// Of a row that begins with: id, parent_id, name, kind, size, files, mtime, created, uploaded, seq,
// blob, checksum, kept, grants, given.
Node node_of(const sqlite::Rows& row);
std::optional<Node> child(store::ReadTx& tx, NodeId folder, std::string_view name);
std::optional<Node> by_id(store::ReadTx& tx, NodeId id);

// "plan.txt" with the mark " (2)": "plan (2).txt", no longer than a name may be; empty when that
// leaves nothing of it.
std::string numbered_name(const std::string& name, const std::string& mark);
// A name that neither a child nor a mount has in this folder: `name`, or with a number. Error:
// exists.
Result<std::string> free_name(store::ReadTx& tx, NodeId folder, const std::string& name);

// Where a new or moved node would go, as the caller sees it: its parent folder and the name,
// checked.
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
  ByteCount bytes = 0;  // of contents
  std::int64_t files = 0;
  ByteCount kept = 0;       // of versions
  std::int64_t grants = 0;  // given at or below
};
Delta whole(const Node& node);
Delta without(const Node& node);
// Moves seq, size, files, kept and mtime of `folder` and everything above it. Cost: 1 statement.
void touch_up(store::WriteTx& tx, NodeId folder, Seq seq, Delta delta);
// The same for what changes no listing, so no etag: `node` and everything above it count anew.
void count_up(store::WriteTx& tx, NodeId node, Delta delta);
// Counts for the quota: `place` is the root of one. Cost: 1 statement.
void add_usage(store::WriteTx& tx, NodeId place, Delta delta);

// Error: too_large when the folder is full. Cost: one probe until the space has given as many ids
// as a folder has room; then one row per child.
Result<void> check_room(store::ReadTx& tx, NodeId folder);

// Ends the locks on a node and on everything below it. Cost: one probe when the space has none.
void end_locks(store::WriteTx& tx, NodeId node);

// The bin of the place with root 103 is the child "bin-103" of node 1.
inline constexpr std::string_view kBinPrefix = "bin-";
// What a node is in at last: a place, the bin of one, or neither since it waits to be purged.
struct Top {
  enum class Kind : std::uint8_t { place, bin, nowhere };
  Kind kind = Kind::nowhere;
  NodeId place;
};
// Cost: 1 statement, as deep as the node.
Top top_of(store::ReadTx& tx, NodeId node);
// What a child of node 1 is the top of.
Top top_at(NodeId id, std::string_view name);

// An empty folder, with its change number. The name is free and checked.
NodeId insert_folder(store::WriteTx& tx, NodeId parent, std::string_view name);

}  // namespace essaim::files::internal
