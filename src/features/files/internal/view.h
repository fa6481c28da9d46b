// A caller's tree: their home, and the mounts in it.
//
// A mount is a row that says where in a member's home a node of another place appears. Files keep
// their etag whatever the route. A folder's etag is its own change number or a later one: that of
// the mount it lies in, which moves when the caller's rights do, so that clients list everything
// below again and learn them; and in the home, that of every mount below.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "features/files/internal/tree.h"

namespace essaim::files::internal {

struct Mount {
  NodeId node;
  NodeId parent;  // a folder of the member's home
  std::string name;
  access::Rights rights;  // when it was last settled
  std::optional<Instant> until;
  Seq seq = 0;
};

// All of a member, by node.
std::vector<Mount> mounts_of(store::ReadTx& tx, MemberId member);
std::optional<Mount> mount_named(store::ReadTx& tx, MemberId member, NodeId folder,
                                 std::string_view name);
std::optional<Mount> mount_at(store::ReadTx& tx, MemberId member, NodeId node);

// Whether anybody has a mount of this name in this folder.
bool mounted_name(store::ReadTx& tx, NodeId folder, std::string_view name);

// The root of the caller's tree.
Node home_of(store::ReadTx& tx, const access::Caller& caller);
// What the caller sees under a name in a folder that they see. None: nothing they may know of.
std::optional<Node> look(store::ReadTx& tx, const access::Caller& caller, const Node& folder,
                         std::string_view name);
// `node` as the caller sees it through `mount`. None: no right is left.
std::optional<Node> through(store::ReadTx& tx, const access::Caller& caller, const Mount& mount,
                            Node node);
// Everything that is mounted in a folder of the caller's home, as they see it, ordered by name.
// Cost: 2 reads, the second over the folders above; 1 more while the time of a grant is just over.
std::vector<Node> mounted_in(store::ReadTx& tx, const access::Caller& caller, NodeId folder);
// Gives a child its standing below `folder`; `own` is what grants on the child itself give.
void stand_below(Node& child, const Node& folder, const access::Rights& own);

// The same for a node that was just written: below its folder, or where it stood before.
void stand_like(Node& node, const Node& before, bool below);

// The latest change number that mounts bring to each folder of the caller's home, by folder.
std::unordered_map<std::int64_t, Seq> mounted_seqs(store::ReadTx& tx, const access::Caller& caller);
// Raises the etag of a folder of the caller's home by what is mounted below.
void raise_seq(store::ReadTx& tx, const access::Caller& caller, Node& folder);

// From the place's root to the node, as everybody knows it, and where that is.
struct Located {
  Top top;
  Path path;
};
Located locate(store::ReadTx& tx, NodeId node);

}  // namespace essaim::files::internal
