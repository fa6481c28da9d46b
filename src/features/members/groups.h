// Groups of members, and who looks after each.
//
// A group has a folder in every member's tree: whoever adds or removes a member goes through
// files/places.h, which moves the folder along. The functions that change rows here are for it
// alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "features/members/members.h"
#include "space/store/tx.h"

namespace essaim::members {

struct Group {
  GroupId id;
  std::string gid;      // the name on the wire: case-exact, never changes
  std::string display;  // what people read
  Instant created;
};

enum class Manager : bool { no, yes };
// One person's part in one group.
struct Belonging {
  Group group;
  Manager manager = Manager::no;
};

inline constexpr int kGroupsMax = 1'000;          // per space
inline constexpr std::size_t kGroupNameMax = 64;  // bytes of a gid and of a display name

// Clients know the people of role gestion as a group of this name; no other group may have it.
inline constexpr std::string_view kGestionGid = "admin";
// The group that stands for all but guests: things are shared with it, nobody is put into it.
inline constexpr std::string_view kEveryoneGid = "everyone";
inline constexpr std::string_view kEveryoneName = "Tout le monde";

// `display` empty: the gid. Errors: bad_request (empty, longer than kGroupNameMax, a control
// character or '/'), exists (without case; kGestionGid and kEveryoneGid too), too_many.
Result<Group> add_group(store::WriteTx& tx, std::string_view gid, std::string_view display);
Result<void> rename_group(store::WriteTx& tx, GroupId group, std::string_view display);
// With everybody's belonging.
void remove_group(store::WriteTx& tx, GroupId group);
// By gid, without case. Error: not_found.
Result<Group> find_group(store::ReadTx& tx, std::string_view gid);
Result<Group> find_group(store::ReadTx& tx, GroupId group);
// Sorted by display name, at most kGroupsMax.
std::vector<Group> groups(store::ReadTx& tx);

// Makes the member belong, or changes whether they manage.
void put_in_group(store::WriteTx& tx, GroupId group, MemberId member, Manager manager);
// False when they did not belong.
bool take_out_of_group(store::WriteTx& tx, GroupId group, MemberId member);
// Sorted by display name of the group.
std::vector<Belonging> groups_of(store::ReadTx& tx, MemberId member);
// Sorted by uid, at most kMembersMax; disabled accounts too.
std::vector<Member> members_of(store::ReadTx& tx, GroupId group);
std::vector<Member> managers_of(store::ReadTx& tx, GroupId group);
// Cost: one indexed read.
bool share_a_group(store::ReadTx& tx, MemberId one, MemberId other);
// Ids alone, in no order. Cost: one indexed read.
std::vector<MemberId> member_ids_of(store::ReadTx& tx, GroupId group);

}  // namespace essaim::members
