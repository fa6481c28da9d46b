// Write locks (RFC 4918 §6, §7): who may change a node while someone works on it.
//
// A lock lies on one node, and with LockDepth::infinity on everything below it. On a folder it also
// protects the list of members. It is exclusive, or shared with other shared ones. Locks end by
// unlock(), by their time, and with the node's place: removed, replaced or moved away. A lock never
// changes the etag of its node, but that of the folders above: sync clients learn of it by listing
// them.
//
// Every function of change.h asks check_*() itself. What writes in another way (properties) asks
// before it does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "features/files/node.h"

namespace essaim::files {

// Whom a lock lets through, by its number on the wire of Nextcloud's clients.
enum class LockKind : std::uint8_t {
  person = 0,  // the member who locked, from any device
  token = 2,   // that member, and only with the lock's token: another device has to wait
};
enum class LockScope : bool { exclusive, shared };
enum class LockDepth : bool { zero, infinity };

inline constexpr Duration kLockLifeMax{3'600'000};
inline constexpr Duration kLockLife{1'800'000};  // when the client names none
inline constexpr int kLocksPerNodeMax = 32;      // shared ones
inline constexpr int kLocksPerMemberMax = 1'000;
inline constexpr int kLocksPerSpaceMax = 10'000;
inline constexpr std::size_t kLockOwnerMax = 8 * 1024;  // bytes of XML
inline constexpr int kLocksExpiredPerTurn = 50;         // removed on the way of LOCK and UNLOCK
// How a token stands in If and Lock-Token headers: this, then Lock::token (RFC 4918 appendix C).
inline constexpr std::string_view kLockTokenScheme = "opaquelocktoken:";

struct NewLock {
  LockKind kind = LockKind::token;
  LockScope scope = LockScope::exclusive;
  LockDepth depth = LockDepth::zero;
  std::string owner;  // XML that the client wants back, complete by itself
  Duration life = kLockLife;
};

struct Lock : NewLock {
  std::int64_t id = 0;
  NodeId node;
  MemberId member;
  std::string uid;      // of the member
  std::string display;  // of the member
  std::string token;    // a UUID, without kLockTokenScheme
  Instant created;
  Instant expires;
};

// Locks `node` for the caller. Errors: locked, with the node of the lock in the way (on the node,
// above it with LockDepth::infinity, or below it when `wanted` is infinite), forbidden, too_large
// (the owner's XML), too_many. Cost: about 8 statements.
Result<Lock> lock(store::WriteTx& tx, const access::Caller& caller, const Node& node,
                  const NewLock& wanted);
// Starts the time of the lock anew; no etag changes. Errors: not_found (no such lock covers the
// node), forbidden (of another member).
Result<Lock> refresh_lock(store::WriteTx& tx, const access::Caller& caller, NodeId node,
                          std::string_view token, Duration life);
// Ends the lock, which covers `node`. Errors: as refresh_lock.
Result<void> unlock(store::WriteTx& tx, const access::Caller& caller, NodeId node,
                    std::string_view token);
// What Nextcloud's clients ask for: an exclusive lock on one file for kLockLife. A lock that the
// caller already has, and that lets them through, starts anew. Errors: as lock().
Result<void> lock_for_person(store::WriteTx& tx, const access::Caller& caller, const Node& node,
                             LockKind kind);
// Ends the caller's locks on the node itself, of any kind, on whichever device they were taken.
// Errors: not_found (nothing is locked), forbidden (only by others).
Result<void> unlock_for_person(store::WriteTx& tx, const access::Caller& caller, NodeId node);
// Up to `count` locks whose time is over. Returns how many.
int expire_locks(store::WriteTx& tx, int count);

// The locks that cover a node: those on it first, then infinite ones above, from below upwards.
std::vector<Lock> covering_locks(store::ReadTx& tx, NodeId node);
// The locks on the children of a folder, themselves only; at most kLocksPerSpaceMax.
std::vector<Lock> child_locks(store::ReadTx& tx, NodeId folder);

// Every lock of the space, at most kLocksPerSpaceMax.
std::vector<Lock> all_locks(store::ReadTx& tx);

// Whether the caller may change the content or the properties of `node`, or the members of the
// folder `node`. A lock of kind token asks for one of the tokens on the node, and that it is the
// caller's own. Error: locked, with the node of the lock. Cost: one probe when the space has no
// lock.
Result<void> check_locks(store::ReadTx& tx, const access::Caller& caller, NodeId node);
// The same for a node and everything below it, which is to go.
Result<void> check_locks_below(store::ReadTx& tx, const access::Caller& caller, NodeId node);
// The same for a path that is to be written, whether something is there or not.
Result<void> check_locks(store::ReadTx& tx, const access::Caller& caller,
                         const access::Place& place, const Path& path);

}  // namespace essaim::files
