// How an old content becomes a version, and which versions go in time.
#pragma once

#include "features/files/internal/tree.h"
#include "space/blobs/blobs.h"

namespace essaim::files::internal {

// Keeps the content that `node` has in this transaction as a version: its reference to the blob
// passes to the version. Thins the versions of the node. The row of the node is not changed.
// Returns by how many bytes the versions of the node grew; negative when more went than came.
// Cost: 3 statements; once a minute and file also one read of all its versions.
ByteCount keep_version(store::WriteTx& tx, blobs::Store& blobs, const Node& node);

// Removes the versions of one file that its age no longer earns. Returns the bytes that went; no
// node is changed.
ByteCount thin_file(store::WriteTx& tx, blobs::Store& blobs, NodeId file);

// Removes one version row and its reference.
void drop_version(store::WriteTx& tx, blobs::Store& blobs, NodeId file, std::int64_t mtime,
                  std::string_view blob);

// Over which span of seconds one version is kept, for one that was replaced `age` ago.
std::int64_t span_of(Duration age);

}  // namespace essaim::files::internal
