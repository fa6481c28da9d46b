// Who reaches what: grants, and the mounts they make in people's homes.
//
// A node that somebody may use, without seeing the folder it lies in, is mounted in the root of
// their home under its own name, or with a number when that is taken. They may rename that mount
// and move it within their home, or leave it. What they reach in two ways is there once, with all
// the rights: a grant inside something they see already makes no second mount. Whenever grants,
// groups or the tree change, the mounts that this touches are settled anew in the same transaction,
// and the etags above each mount that appeared, went or changed its rights move with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "features/access/access.h"
#include "features/files/node.h"
#include "space/store/tx.h"

namespace essaim::files {

// What a notification that tells of a grant is about; its id is the grant's. It goes when the grant
// ends, when the node is deleted, and for a member alone when they lose or leave what it tells of.
inline constexpr std::string_view kGrantObject = "share";

// Gives rights on a node and all below it. Who may is the caller's to decide (shares). Errors:
// not_found, too_many. Cost: about 8 statements, and 6 for each member that it is for.
Result<GrantId> give(store::WriteTx& tx, NodeId node, access::Grantee who,
                     const access::Rights& rights, std::optional<Instant> until);
// Errors: not_found. Cost: as give().
Result<void> change_given(store::WriteTx& tx, GrantId grant, const access::Rights& rights,
                          std::optional<Instant> until);
Result<void> take_back(store::WriteTx& tx, GrantId grant);
// Takes back up to `count` grants whose time is over. Returns how many.
int end_grants(store::WriteTx& tx, int count);

// A member's mounts anew, after `changed` began or ceased to mean them: their role or their groups
// changed. Cost: 6 reads for each grant of those.
void settle_member(store::WriteTx& tx, MemberId member,
                   const std::vector<access::Grantee>& changed);

// The caller does not want to see what was given to them at `node`. Error: not_found (no mount of
// theirs, or one of a place, which stays).
Result<void> leave(store::WriteTx& tx, const access::Caller& caller, NodeId node);
// They do again. Error: not_found (nothing was refused).
Result<void> come_back(store::WriteTx& tx, const access::Caller& caller, NodeId node);

// What somebody called a node, whoever asks: for lists of what a person was given and has left.
// Empty: there is none.
std::string name_of(store::ReadTx& tx, NodeId node);

// What the caller's home shows of other places.
struct Mounted {
  NodeId node;
  Path path;  // in the caller's tree
};
std::vector<Mounted> mounted(store::ReadTx& tx, const access::Caller& caller,
                             const access::Place& place);

// Where the kept counts of grants, or somebody's mounts, differ from what the grants say, as
// sentences; for `doctor`. Cost: reads every grant for every member it means.
std::vector<std::string> check_reach(store::ReadTx& tx);

}  // namespace essaim::files
