// The trees of a space: a home for every member, the common place, and one for each group.
//
// The space owns the common place and those of groups. Each is mounted in the home of whoever
// belongs, under the name people know it by. The functions that add people to groups or take them
// out are here, since the folder follows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/types.h"
#include "features/access/levels.h"
#include "features/members/groups.h"
#include "features/members/members.h"
#include "space/blobs/blobs.h"
#include "space/store/tx.h"

namespace essaim::files {

inline constexpr std::string_view kCommonName = "Espace commun";

enum class PlaceKind : std::uint8_t {
  home = 1,     // owner: a member
  common = 2,   // owner: the space
  group = 3,    // owner: the space; `owner` names the group
  holding = 4,  // what a member left who is gone, for kHoldingLife
  left = 5,     // what is shared of it, after that: the space keeps it
};
struct PlaceInfo {
  NodeId root;
  PlaceKind kind = PlaceKind::home;
  std::int64_t owner = 0;  // of the member or group
};
// The common place and those of groups.
inline bool belongs_to_the_space(const PlaceInfo& place) {
  return place.kind == PlaceKind::common || place.kind == PlaceKind::group;
}
// Error: not_found.
Result<PlaceInfo> place_of(store::ReadTx& tx, NodeId root);
// Every place, homes first; at most members::kMembersMax and groups::kGroupsMax.
std::vector<PlaceInfo> places(store::ReadTx& tx);
// As people read it: "Espace commun", the group's name, the member's uid.
std::string place_name(store::ReadTx& tx, NodeId root);

// A folder of a place of the space: of the common one or of a group's. The whole place by its root.
struct PlaceFolder {
  NodeId id;
  NodeId parent;     // none: it is the root
  std::string name;  // of the root: place_name()
  PlaceInfo place;

  access::Spot spot() const { return parent ? access::Spot::below : access::Spot::root; }
};
// Error: not_found: a file, what lies in a home, in a bin, or is held of somebody gone.
Result<PlaceFolder> place_folder(store::ReadTx& tx, NodeId id);

// Gives `who` a level on such a folder and on all below, instead of the one they had there; none:
// takes it back. It adds up with what they are given on the folders above and in other ways: a
// folder may be more open than the one it lies in, never less. Those of gestion stay managers of
// the common place, and a group's managers of its folder, so that somebody always is.
// Who may is the caller's to decide (shares/place_rights.h). Errors: conflict (a manager who
// stays), too_many. Cost: as give() in reach.h; nothing when it was so already.
enum class LevelSet : std::uint8_t { as_before, given, changed, taken_back };
Result<LevelSet> set_level(store::WriteTx& tx, const PlaceFolder& folder, access::Grantee who,
                           std::optional<access::Level> level);

// Makes the root folder of the member and tells members about it, and what they may see of the rest
// appears in it. The first one makes the common place. Error: exists.
Result<NodeId> create_home(store::WriteTx& tx, const members::Member& member);

// With its folder, where its members may edit and its managers manage until somebody says otherwise
// (set_level). Errors: those of
// members::add_group.
Result<members::Group> create_group(store::WriteTx& tx, std::string_view gid,
                                    std::string_view display);
// Its folder takes the new name, unless a member gave it another. Errors: as create_group.
Result<void> rename_group(store::WriteTx& tx, const members::Group& group,
                          std::string_view display);
// With what it was given elsewhere. Errors: conflict (its folder still has files: nothing is lost
// with a group).
Result<void> remove_group(store::WriteTx& tx, const members::Group& group);
void join_group(store::WriteTx& tx, GroupId group, MemberId member, members::Manager manager);
// False when they did not belong.
bool leave_group(store::WriteTx& tx, GroupId group, MemberId member);
// With what follows for their mounts. Errors: those of members::set_role.
Result<void> set_role(store::WriteTx& tx, MemberId member, members::Role role);

// Ends an account. What was theirs alone goes into a folder of the heir's home, named after them;
// without heir it is held for kHoldingLife. What they shared stays shared; nothing in other places
// changes.
// Errors: not_found, conflict (the heir is the member, a guest, or has no home).
inline constexpr Duration kHoldingLife{std::chrono::hours(24 * 30)};
Result<void> hand_over(store::WriteTx& tx, blobs::Store& blobs, MemberId member,
                       std::optional<MemberId> heir);
// Puts what is held of a member who is gone into the heir's home. Errors: not_found, conflict.
Result<void> give_held(store::WriteTx& tx, NodeId held, MemberId heir);
struct Held {
  NodeId root;
  std::string of;  // the display name they had
  Instant since;
  ByteCount bytes = 0;
  std::int64_t files = 0;

  Instant until() const { return {since.ms + kHoldingLife.count()}; }
};
std::vector<Held> held(store::ReadTx& tx);
// Ends up to `count` holdings whose time is over: what nobody was given goes, what is shared stays.
// Returns how many.
int end_holdings(store::WriteTx& tx, int count);

}  // namespace essaim::files
