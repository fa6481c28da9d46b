// The bin of each place: what was deleted there, until it expires or its room is needed. A caller
// looks at once into the bin of their home and into those of the places of the space that they may
// read. What is deleted in something that somebody shared goes to the bin of its owner.
//  A node keeps
// its id, its content, its versions, its properties and its stars while it is in there, and its
// bytes stay counted in the usage of the place.
//
// A path in a bin begins with a name that the bin gave, "plan.txt.d1700000000", and goes on below a
// deleted folder with the names that were there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "features/files/node.h"
#include "space/blobs/blobs.h"

namespace essaim::files {

struct Binned {
  Node node;             // `name` is the one it had before
  std::string bin_name;  // the last name of its path in the bin
  std::string origin;    // where it was in the place when it was deleted: "Docs/plan.txt"
  std::string under;     // the place in the caller's tree: "Espace commun/", empty for the home
  NodeId origin_parent;  // none below a deleted folder
  // Of what was deleted as one.
  std::int64_t deleted = 0;  // seconds since 1970
  std::string deleted_by;    // uid; empty: a member who is gone
  std::string deleted_by_display;
};

// How often a name is taken before a restore gives up.
inline constexpr int kRestoredNamesMax = 1'000;

// Error: not_found.
Result<Binned> find_binned(store::ReadTx& tx, const access::Caller& caller,
                           const access::Place& place, const Path& path);

// What lies directly in the bin, the latest first; at most kChildrenMax. Cost: one read.
// Error: not_found (no right to read).
Result<std::vector<Binned>> list_bin(store::ReadTx& tx, const access::Caller& caller,
                                     const access::Place& place);
// By its id, also inside a deleted folder. Error: not_found (no right to read, or not in this bin).
Result<Node> find_binned_by_id(store::ReadTx& tx, const access::Caller& caller,
                               const access::Place& place, NodeId id);
// What is in a deleted folder.
std::vector<Binned> list_binned(store::ReadTx& tx, const access::Caller& caller,
                                const Binned& folder);

// Puts a node back where it was: into the folder it was in if that is still there, else at its old
// path, with the missing folders made again. A name that is taken gives "name (restored).ext".
// Its etag stays, those of the folders above change. Cost: the same for any size.
// Errors: not_found, forbidden, quota_exceeded (what stays would not fit), too_large (the folder is
//         full), exists (kRestoredNamesMax).
Result<Node> restore(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                     const Path& path);

// For good; in the places of the space only by whoever manages them. Cost: the same for any size;
// rows and contents go later, by purge(). Errors: not_found, forbidden.
Result<void> remove_binned(store::WriteTx& tx, const access::Caller& caller,
                           const access::Place& place, const Path& path);
// That of the caller's home alone. Error: forbidden.
Result<void> empty_bin(store::WriteTx& tx, const access::Caller& caller);

// Removes up to `count` entries of any bin that were deleted more than `age` ago. Returns how many.
int expire_bins(store::WriteTx& tx, Duration age, int count);

// For a space that is nearly full, before somebody has to wait for it: lets up to `count` of the
// oldest entries of bins and of the oldest versions go, while less than one in kRoomShare of its
// quota is free. Returns how many went.
inline constexpr ByteCount kRoomShare = 20;
int keep_room(store::WriteTx& tx, blobs::Store& blobs, int count);

}  // namespace essaim::files
