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
  bool favorite = false;      // of the caller who asked

  bool is_folder() const { return kind == Kind::folder; }
  std::int64_t file_count() const { return is_folder() ? files : 1; }
};

// Names from the root of a place downwards; empty is the root itself.
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

// Cost: one indexed read per segment. Errors: not_found, wrong_kind is never returned: a file on
// the way is not_found.
Result<Node> find(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                  const Path& path);

// By id, anywhere in the place. Cost: one indexed read per folder above. Error: not_found.
Result<Node> find_by_id(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                        NodeId id);
// The names that lead to a node from the root of the place. Error: not_found (not in this place).
Result<Path> path_of(store::ReadTx& tx, const access::Place& place, NodeId id);

// The children of a folder in one read, unordered by name collation: by bytes. At most
// kChildrenMax.
std::vector<Node> children(store::ReadTx& tx, const access::Caller& caller, NodeId folder);

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
