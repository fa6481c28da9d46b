// Everything that changes a tree. Each function decides by the caller's rights and by the locks
// (error: locked), takes one change number, and moves the etag, size and file count of every folder
// above in the same transaction (RFC 4918; the propagation rule that sync clients live by).
#pragma once

#include <optional>
#include <string>

#include "features/files/node.h"
#include "space/blobs/blobs.h"

namespace essaim::files {

enum class Overwrite : bool { no, yes };
enum class Outcome : bool { replaced, created };

struct NewContent {
  const blobs::SpooledBlob& blob;       // already on disk, or small enough to travel inside
  std::string checksum;                 // "SHA1:…" that was verified; may be empty
  std::optional<std::int64_t> mtime;    // seconds; none: now
  std::optional<std::int64_t> created;  // seconds
};

struct Changed {
  Node node;
  Outcome outcome = Outcome::created;
};

// Makes `content` the content of `path`. The node keeps its id when it exists, and what it had
// becomes a version (versions.h). When room is short the oldest of what is in bins and of the
// versions goes first (kLetGoMax).
// Errors: conflict (no parent folder, RFC 4918 §9.7.1), wrong_kind (a folder is there),
// invalid_name, forbidden,
//         quota_exceeded, too_large (the folder is full).
// Cost: about 8 statements, 12 when a version is kept.
Result<Changed> put(store::WriteTx& tx, blobs::Store& blobs, const access::Caller& caller,
                    const access::Place& place, const Path& path, const NewContent& content);

// RFC 4918 §9.3. Errors: exists, conflict, invalid_name, forbidden, too_large.
Result<Node> make_folder(store::WriteTx& tx, const access::Caller& caller,
                         const access::Place& place, const Path& path);

// Puts a node and everything below into the bin of the place it lies in (trash.h). What somebody
// gave to the caller is only left (reach.h). Cost: the same for any size, plus that of the mounts
// of what was given below. Errors: not_found, forbidden (the root of a place, or no right).
Result<void> remove(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                    const Path& path);

// Moves or renames (RFC 4918 §9.9). The node keeps its id and its etag; both chains of folders
// change; what was at the target goes to the bin. What is moved into another place belongs to that
// place from then on, with what it holds and who has grants on it. Moving a mount moves it in the
// caller's home alone. Cost: as remove(). Errors: not_found, conflict (no parent at the target),
// exists (Overwrite::no), forbidden (the root of a place; onto itself; below itself; no right),
// invalid_name, too_large, quota_exceeded (of whoever owns the place at the target).
Result<Changed> move(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                     const Path& from, const Path& to, Overwrite overwrite);

enum class CopyDepth : bool { folder_only, everything };
// Copies (RFC 4918 §9.8): new ids, same contents, times and properties, no versions; what was at
// the target goes to the bin. Cost: one row per node, at most kCopyMax. Errors: as move, and
// quota_exceeded.
Result<Changed> copy(store::WriteTx& tx, blobs::Store& blobs, const access::Caller& caller,
                     const access::Place& place, const Path& from, const Path& to,
                     Overwrite overwrite, CopyDepth depth);

// The caller's star. Changes no etag. Error: not_found.
void set_favorite(store::WriteTx& tx, const access::Caller& caller, NodeId node, bool favorite);
// Seconds since 1970; values that clients refuse to sync (<= 0) become 1. Changes the etag.
Result<void> set_mtime(store::WriteTx& tx, const Node& node, std::int64_t mtime);
void set_created(store::WriteTx& tx, NodeId node, std::int64_t created);

// Removes up to `count` nodes and versions of what left the bins for good, and their references to
// contents. Returns how many; 0: nothing left.
int purge(store::WriteTx& tx, blobs::Store& blobs, int count);

}  // namespace essaim::files
