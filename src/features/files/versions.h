// What files were before: a content that another one replaces stays as a version.
//
// A version is named by the modification time its content had. Of the versions without a label only
// some stay: one for every 2 seconds of the last 10, for every 10 of the last minute, for every
// minute of the last hour, hour of the last day, day of the last 30 days, and week before that. How
// old one is counts from when it was replaced. Empty contents, and contents that were replaced by
// the same, leave none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "features/files/change.h"
#include "features/files/node.h"
#include "space/blobs/blobs.h"

namespace essaim::files {

struct Version {
  std::int64_t mtime = 0;  // seconds since 1970, and its name
  ByteCount size = 0;
  std::string blob;    // SHA-256
  std::string author;  // uid; empty: unknown
  std::string label;   // empty: none
};

inline constexpr int kVersionsPerFileMax = 500;  // without a label
inline constexpr int kLabelsPerFileMax = 100;    // versions with one
inline constexpr std::size_t kLabelMax = 250;    // bytes

// A file that the caller reaches, by its id. Error: not_found.
Result<Node> find_file(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                       NodeId file);

// The oldest first.
std::vector<Version> versions(store::ReadTx& tx, NodeId file);
// Error: not_found.
Result<Version> find_version(store::ReadTx& tx, NodeId file, std::int64_t mtime);

// Makes a version the content of its file again, with its modification time; the content it
// replaces becomes a version. One with a label also stays a version.
// Errors: not_found, forbidden, quota_exceeded.
Result<Node> restore_version(store::WriteTx& tx, blobs::Store& blobs, const access::Caller& caller,
                             const access::Place& place, NodeId file, std::int64_t mtime);
// Errors: not_found, forbidden.
Result<void> remove_version(store::WriteTx& tx, blobs::Store& blobs, const access::Caller& caller,
                            const access::Place& place, NodeId file, std::int64_t mtime);
// An empty label takes it away. Errors: not_found, forbidden, too_large (kLabelMax,
// kLabelsPerFileMax).
Result<void> label_version(store::WriteTx& tx, const access::Caller& caller,
                           const access::Place& place, NodeId file, std::int64_t mtime,
                           std::string_view label);

// Removes the versions that their age no longer earns, of up to `count` files after `after`. Cost:
// reads every version of those files.
struct Thinned {
  NodeId last;    // go on after this one
  int files = 0;  // fewer than `count`: there are no more
};
Thinned thin_versions(store::WriteTx& tx, blobs::Store& blobs, NodeId after, int count);

}  // namespace essaim::files
