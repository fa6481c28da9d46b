// What one person gives to another, to a group or to everyone: a grant, with who made it, what they
// said about it, and until when it holds.
//
// Whoever has a node with the right `share` may give others what they have of it, and no more. The
// share is theirs to change and to end, and also that of whoever manages the node: the owner of a
// home, the managers of a place. Who receives it may leave it. Nobody is asked to accept: it
// appears in their home at once (files/reach.h).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "features/access/access.h"
#include "features/files/node.h"
#include "space/store/tx.h"

namespace essaim::shares {

// Bits of the share API.
inline constexpr int kRead = 1;
inline constexpr int kUpdate = 2;
inline constexpr int kCreate = 4;
inline constexpr int kDelete = 8;
inline constexpr int kReshare = 16;
inline constexpr int kAll = 31;
inline constexpr int kFileBits = kRead | kUpdate | kReshare;

struct Share {
  GrantId id;
  NodeId node;
  access::Grantee who;
  int permissions = 0;
  bool download = true;    // false: only to look at
  std::string attributes;  // JSON text as clients wrote it; empty: none
  std::string note;
  std::string label;
  MemberId made_by;              // none: that account is gone
  std::optional<Instant> until;  // none: for ever
  Instant created;
};

struct NewShare {
  access::Grantee who;
  int permissions = kAll;
  bool download = true;
  std::string attributes;
  std::string note;
  std::string label;
  std::optional<Instant> until;
};

// What an update names; the rest stays.
struct Change {
  std::optional<int> permissions;
  std::optional<bool> download;
  std::optional<std::string> attributes;
  std::optional<std::string> note;
  std::optional<std::string> label;
  std::optional<std::optional<Instant>> until;
};

inline constexpr std::size_t kNoteMax = 1'000;        // characters of a client, bytes here
inline constexpr std::size_t kLabelMax = 255;         // bytes
inline constexpr std::size_t kAttributesMax = 4'096;  // bytes
inline constexpr std::int64_t kListMax = 10'000;      // shares in one answer

inline constexpr int kToldMax = 100;  // people who are notified of one share

// The rights behind permission bits.
access::Rights rights_of(int permissions, bool download);
// The bits that a person's rights on a node amount to.
int permissions_of(const files::Node& node);

// `node` as the caller found it. Errors: forbidden (no right to share, or to share with this
// person: themselves, or whose it is), exists (given to them already), bad_request (permissions
// that make no sense, texts too long), not_found (more than the caller has; a time in the past),
// too_many. Cost: as files::give.
Result<Share> create(store::WriteTx& tx, const access::Caller& caller, const files::Node& node,
                     const NewShare& wanted);
// Errors: as create, and not_found (unknown, or not the caller's to change: forbidden when they
// receive it).
Result<Share> update(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                     GrantId id, const Change& change);
// Ends it, or leaves it when the caller only receives it. Errors: not_found.
Result<void> remove(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                    GrantId id);

// Whether the caller made it, manages the node, or receives it. Error: not_found.
Result<Share> find(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                   GrantId id);
// All, oldest first, at most kListMax.
std::vector<Share> made_by(store::ReadTx& tx, MemberId member);
// How many there are whose maker's account is gone. Cost: one indexed read.
std::int64_t count_without_maker(store::ReadTx& tx);
// Those that are on one of the nodes, oldest first, at most kListMax. Cost: 1 read, and 2 for each
// share.
std::vector<Share> made_by(store::ReadTx& tx, MemberId member, std::span<const NodeId> nodes);
std::vector<Share> on_node(store::ReadTx& tx, NodeId node);
// On the direct children of a folder, oldest first.
std::vector<Share> on_children(store::ReadTx& tx, NodeId folder);
// Those that put mounts into the caller's home, oldest first.
std::vector<Share> received(store::ReadTx& tx, const access::Caller& caller);
// Those that the caller has declined or left.
std::vector<Share> left(store::ReadTx& tx, const access::Caller& caller);
// True when the caller is one of those it is for.
bool means(store::ReadTx& tx, const access::Caller& caller, const access::Grantee& who);

}  // namespace essaim::shares
