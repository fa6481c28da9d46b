// Folders and files of a place: what they are and how they are found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "features/access/access.h"
#include "space/store/tx.h"

namespace essaim::files {

enum class Kind : std::uint8_t { folder = 1, file = 2 };

// By which route the caller reaches a node.
enum class Via : std::uint8_t {
  home,   // their own files
  place,  // the common place or that of a group, mounted in their home
  share,  // somebody gave it to them
};

// Where a node stands for the caller who asked.
struct Standing {
  access::Rights rights;
  NodeId place;  // the root of the place it lies in
  Via via = Via::home;
  bool mount_root = false;  // it is where the other place begins
  Seq since = 0;            // of the mount: no folder below has an older etag for this caller
};

struct Node {
  NodeId id;
  NodeId parent;
  std::string name;  // Unicode form C
  Kind kind = Kind::file;
  ByteCount size = 0;         // of a folder: everything below
  std::int64_t files = 0;     // of a folder: how many files below
  ByteCount kept = 0;         // of the versions; of a folder: of everything below
  std::int64_t mtime = 0;     // seconds since 1970
  std::int64_t created = 0;   // seconds; 0 unknown
  std::int64_t uploaded = 0;  // seconds; 0 unknown
  Seq seq = 0;                // the etag
  std::string blob;           // SHA-256 of the content, lower-case hex; files only
  std::string checksum;       // another one a client announced: "SHA1:…"; may be empty
  std::int64_t grants = 0;    // given at or below
  std::int64_t given = 0;     // of its own: one bit for each access::Grantee::Kind
  bool favorite = false;      // of the caller who asked
  Standing standing;          // of the caller who asked; unset where no caller did

  bool is_given_to(access::Grantee::Kind whom) const {
    return (given >> static_cast<int>(whom) & 1) != 0;
  }
  bool is_folder() const { return kind == Kind::folder; }
  std::int64_t file_count() const { return is_folder() ? files : 1; }
};

// Names from the root of a caller's tree downwards; empty is the root itself. Mounts have the names
// that the caller gave them.
using Path = std::vector<std::string>;

inline constexpr std::size_t kNameMax = 250;           // bytes
inline constexpr std::int64_t kChildrenMax = 100'000;  // of one folder
inline constexpr int kDepthMax = 10'000;               // folders above a node
inline constexpr std::int64_t kCopyMax = 100'000;      // nodes in one COPY

// Error: invalid_name, with a reason a person can read.
Result<void> check_name(std::string_view name);
// Names and endings that no client may create, as capabilities announce them.
inline constexpr std::string_view kForbiddenName = ".htaccess";
inline constexpr std::string_view kForbiddenEndings[] = {".part", ".filepart"};

// What the caller finds at `path`, mounts followed. Cost: two indexed reads per segment in the
// caller's home, one below a mount, and one more where grants lie. Errors: not_found, wrong_kind is
// never returned: a file on the way is not_found, and so is what the caller may not read.
Result<Node> find(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                  const Path& path);

// The last folder on the way to `path` that there is: where a file would go whose folders are still
// to be made.
Result<Node> nearest(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                     const Path& path);

// By id, wherever the caller reaches it. Cost: one indexed read per folder above. Error: not_found,
// also for what the caller may not read.
Result<Node> find_by_id(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                        NodeId id);
// The names by which the caller reaches a node. Error: not_found (by no route).
Result<Path> path_of(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                     NodeId id);

// The children of a folder as the caller sees it: its own by the bytes of their names, then what is
// mounted in it. At most kChildrenMax, and as many mounts as the caller has. Nothing of a folder
// that may not be read.
std::vector<Node> children(store::ReadTx& tx, const access::Caller& caller, const Node& folder);

// Direct children by kind, of one folder.
struct ChildCounts {
  std::int64_t folders = 0;
  std::int64_t files = 0;
};
ChildCounts count_children(store::ReadTx& tx, NodeId folder);
// The same for every folder that is a direct child of `folder`, by its id. Cost: reads all
// grandchildren.
std::unordered_map<std::int64_t, ChildCounts> count_grandchildren(store::ReadTx& tx, NodeId folder);

}  // namespace essaim::files
