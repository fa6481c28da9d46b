// How nodes get into the bin of a place, and from there into the purge.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "features/files/internal/tree.h"

namespace essaim::files::internal {

// The folder of the bin; none before anything was deleted.
std::optional<Node> bin_of(store::ReadTx& tx, NodeId place);

// Takes a node out of its folder into the bin of `place`, with the counts and etags of the folders
// it leaves. Bytes stay counted in the usage of the place. The mounts of what lies below are the
// caller's to settle. Cost: about 9 statements for any size.
void to_bin(store::WriteTx& tx, const access::Caller& caller, NodeId place, const Node& node,
            Seq seq);

// Hands a node that is in the bin of `place`, or is its folder, over to the purge. What it held no
// longer counts. Cost: 4 statements for any size.
void discard(store::WriteTx& tx, NodeId place, const Node& node);

// Takes a node out of whatever folder it is in, for good. Usage is the caller's.
void to_purge(store::WriteTx& tx, const Node& node);

// "a/b.txt"
std::string joined(const Path& path);
Path split(std::string_view joined);

}  // namespace essaim::files::internal
