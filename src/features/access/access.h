// Who may do what to what: the only place where a permission is decided.
//
// Every node lies in one place: a member's home, which is private to them, the common place of the
// space, or the place of a group. Whoever owns a home may do everything in it. Everybody else, and
// everybody in the other places, may do what grants say: a grant gives rights on a node and on all
// below it, to one member, a group, everyone, and so on. Rights add up over all grants on a node
// and on the folders above it; nothing takes a right away but the end of its grant.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "features/members/members.h"
#include "space/store/tx.h"

namespace essaim::access {

// Who is asking, as the gate found out.
struct Caller {
  MemberId member;
  std::string uid;
  std::string display;
  std::optional<std::string> email;
  members::Role role = members::Role::member;
  std::optional<ByteCount> quota_bytes;
  std::string locale;
  NodeId home;
  Instant seen;
  TokenId token;           // none when a password or a session was used
  SessionId session = {};  // when a browser is signed in
  // The person gave their password with this request, or signed in with this browser not long ago.
  bool in_person = false;
  // The state tokens that the request submits (RFC 4918 §6.5). Only locks of this member open to
  // them.
  std::vector<std::string> lock_tokens = {};
  // Everything a grant may name that means this member; see identities().
  std::string identities = {};
};

// The caller that a member is, signed in by `token` or, without one, in person. Cost: 1 read.
Caller caller_of(store::ReadTx& tx, const members::Member& member, TokenId token);
// On behalf of a member who does not sign in themselves. Error: not_found, also when disabled.
Result<Caller> caller_of(store::ReadTx& tx, MemberId member);

// What a caller may do with a node. The bits are stored.
struct Rights {
  bool read = false;      // 1: know that it is there, and what it holds
  bool write = false;     // 2: content, properties and name
  bool create = false;    // 4: files and folders in a folder
  bool remove = false;    // 8
  bool share = false;     // 16: give others what one has
  bool comment = false;   // 32
  bool manage = false;    // 64: change and end the grants of others
  bool download = false;  // 128: have the content, not only a look at it

  bool operator==(const Rights&) const = default;
  bool any() const { return *this != Rights{}; }
  // True when `other` asks for nothing that is not here.
  bool covers(const Rights& other) const;
};
std::int64_t bits_of(const Rights& rights);
Rights rights_of(std::int64_t bits);
Rights operator|(const Rights& a, const Rights& b);

// The steps that people choose from.
inline constexpr Rights kSee{.read = true, .download = true};
inline constexpr Rights kComment{.read = true, .comment = true, .download = true};
inline constexpr Rights kEdit{.read = true,
                              .write = true,
                              .create = true,
                              .remove = true,
                              .share = true,
                              .comment = true,
                              .download = true};
inline constexpr Rights kDrop{.create = true};
inline constexpr Rights kManage{.read = true,
                                .write = true,
                                .create = true,
                                .remove = true,
                                .share = true,
                                .comment = true,
                                .manage = true,
                                .download = true};

// A tree that a caller enters by its root. What they may do is said at each node.
struct Place {
  NodeId root;
};

// The tree behind "the files of `uid`" for this caller. Error: not_found, also for a member who
// exists: nobody learns who has an account.
Result<Place> files_of(const Caller& caller, std::string_view uid);
// What a member may do in their own home: everything; a guest only looks.
Rights home_rights(members::Role role);

// Whom a grant is for; the numbers are stored.
struct Grantee {
  enum class Kind : std::uint8_t {
    member = 1,
    group = 2,
    everyone = 3,  // all but guests
    gestion = 4,   // whoever has that role
    managers = 5,  // of a group
  };
  Kind kind = Kind::member;
  std::int64_t id = 0;  // of the member or the group
  auto operator<=>(const Grantee&) const = default;
};

struct Grant {
  GrantId id;
  NodeId node;
  Grantee who;
  Rights rights;
  std::optional<Instant> until;  // none: for ever
};

inline constexpr std::int64_t kGrantsPerNodeMax = 1'000;
inline constexpr std::int64_t kGrantsMax = 100'000;  // per space

// Rows alone: files/reach.h is what gives and takes rights, and moves mounts and counts along.
// Errors: too_many.
Result<GrantId> add_grant(store::WriteTx& tx, NodeId node, Grantee who, const Rights& rights,
                          std::optional<Instant> until);
void change_grant(store::WriteTx& tx, GrantId grant, const Rights& rights,
                  std::optional<Instant> until);
void remove_grant(store::WriteTx& tx, GrantId grant);
Result<Grant> find_grant(store::ReadTx& tx, GrantId grant);
// Oldest first, at most kGrantsPerNodeMax; also those whose time is over.
std::vector<Grant> grants_on(store::ReadTx& tx, NodeId node);
// On the direct children of a folder, by node; at most kGrantsMax. Cost: 1 read.
std::vector<Grant> grants_on_children(store::ReadTx& tx, NodeId folder);
// For one grantee, by node; at most kGrantsMax.
std::vector<Grant> grants_for(store::ReadTx& tx, Grantee who);
// Whatever means this member, whose time is not over; at most kGrantsMax. Cost: 1 read.
std::vector<Grant> grants_meaning(store::ReadTx& tx, const Caller& member);
// Up to `count` grants whose time is over.
std::vector<Grant> grants_over(store::ReadTx& tx, int count);

// A JSON list of the numbers of every grantee that means this member. Cost: 1 read.
std::string identities(store::ReadTx& tx, MemberId member, members::Role role);
// Members that a grantee means; disabled ones too. At most members::kMembersMax.
std::vector<MemberId> members_meant(store::ReadTx& tx, Grantee who);

// What grants on `node` and on the folders above give. Nothing for what the member has refused.
// Cost: 1 read, as deep as the node.
struct Granted {
  Rights rights;
  std::optional<Instant> until;  // when the first of those grants ends
};
Granted granted(store::ReadTx& tx, const Caller& caller, NodeId node);
// The same rights of many nodes, by node, where there are any. Cost: 1 read, as deep as each.
std::unordered_map<std::int64_t, Rights> granted_to(store::ReadTx& tx, const Caller& caller,
                                                    std::span<const NodeId> nodes);
// What grants on the direct children of `folder` give, by node, where there are any. Cost: 1 read.
std::unordered_map<std::int64_t, Rights> granted_to_children(store::ReadTx& tx,
                                                             const Caller& caller, NodeId folder);
// What grants on this node alone give. Cost: 1 read.
Rights granted_on(store::ReadTx& tx, const Caller& caller, NodeId node);

// A member who does not want to see what was granted to them at `node`, or was not asked yet.
enum class Answer : std::uint8_t { pending = 1, declined = 2 };
void refuse(store::WriteTx& tx, MemberId member, NodeId node, Answer answer);
void accept(store::WriteTx& tx, MemberId member, NodeId node);
struct Refusal {
  NodeId node;
  Answer answer;
};
std::vector<Refusal> refusals(store::ReadTx& tx, MemberId member);

}  // namespace essaim::access
