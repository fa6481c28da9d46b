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
// it leaves; `path` is where it was. Bytes stay counted in the usage of the place. Cost: about 8
// statements for any size.
void to_bin(store::WriteTx& tx, const access::Caller& caller, NodeId place, const Node& node,
            const Path& path, Seq seq);

// Hands a node that is in the bin of `place`, or is its folder, over to the purge. What it held no
// longer counts. Cost: 4 statements for any size.
void discard(store::WriteTx& tx, NodeId place, const Node& node);

// "a/b.txt"
std::string joined(const Path& path);
Path split(std::string_view joined);

}  // namespace essaim::files::internal
