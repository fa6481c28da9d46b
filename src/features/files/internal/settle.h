// Settling mounts after the tree has changed.
#pragma once

#include <string>
#include <vector>

#include "features/files/internal/view.h"

namespace essaim::files::internal {

// Whoever reaches something at or below `node` by a grant, or has a mount there.
std::vector<MemberId> audience(store::ReadTx& tx, NodeId node);
// Makes, changes and removes the mounts at and below `node` of each of them. Nothing to do, at the
// cost of one read, when no grant lies there.
void settle_below(store::WriteTx& tx, NodeId node, Seq seq, const std::vector<MemberId>& members);
// After `node` has come to another place: those who reach it now, and those who did. What told of
// grants goes with a node that is in the bin.
void settle_moved(store::WriteTx& tx, const Node& node, Seq seq);
// After a folder has left the home of its owner: mounts that lay in it go to the root of the home.
void rehang(store::WriteTx& tx, NodeId home, Seq seq);

// Where a member's mounts differ from what grants say, as sentences.
std::vector<std::string> misplaced(store::ReadTx& tx, MemberId member);

// The caller moves or renames a mount in their own home.
void move_mount(store::WriteTx& tx, const access::Caller& caller, const Node& mounted,
                const Node& folder, const std::string& name, Seq seq);

}  // namespace essaim::files::internal
