#include "features/shares/place_rights.h"

#include <algorithm>

#include "features/files/reach.h"
#include "features/members/groups.h"
#include "features/members/members.h"
#include "features/notices/activity.h"
#include "features/shares/shares.h"

namespace essaim::shares {

namespace {

using Kind = access::Grantee::Kind;
using May = bool (*)(const access::Caller&, const access::Rights&, access::Spot);

// Nobody learns of a folder that they do not see.
Result<files::PlaceFolder> folder_for(store::ReadTx& tx, const access::Caller& caller, NodeId id,
                                      May may) {
  auto folder = TRY(files::place_folder(tx, id));
  auto node = files::find_by_id(tx, caller, {caller.home}, id);
  auto have = node ? node->standing.rights : access::Rights{};
  if (may(caller, have, folder.spot())) return folder;
  if (!node) return fail(Code::not_found, "out of sight");
  return fail(Code::forbidden, "not theirs to know or to say");
}

std::vector<PlaceRight> given_on(store::ReadTx& tx, NodeId folder) {
  auto shared = on_node(tx, folder);
  std::vector<PlaceRight> out;
  for (const auto& grant : access::grants_on(tx, folder)) {
    if (grant.until && *grant.until <= tx.now()) continue;
    bool share = std::ranges::find(shared, grant.id, &Share::id) != shared.end();
    out.push_back({grant.who, grant.rights, access::level_of(grant.rights), grant.until,
                   share ? grant.id : GrantId{}});
  }
  return out;
}

void record(store::WriteTx& tx, notices::Type type, MemberId actor,
            const files::PlaceFolder& folder, access::Grantee who) {
  notices::Extra extra;
  if (who.kind == Kind::member) {
    if (auto member = members::find(tx, MemberId{who.id})) extra.other = member->uid;
  } else if (who.kind == Kind::group || who.kind == Kind::managers) {
    if (auto group = members::find_group(tx, GroupId{who.id})) extra.group = group->gid;
  }
  notices::record(tx, {.type = type,
                       .actor = actor,
                       .node = folder.id,
                       .parent = folder.parent,
                       .name = folder.name,
                       .extra = std::move(extra),
                       .recipient = who.kind == Kind::member ? MemberId{who.id} : MemberId{}});
}

Result<files::LevelSet> set_on(store::WriteTx& tx, MemberId actor, const files::PlaceFolder& folder,
                               access::Grantee who, std::optional<access::Level> level) {
  auto shared = on_node(tx, folder.id);
  if (std::ranges::find(shared, who, &Share::who) != shared.end()) {
    return fail(Code::exists, "shared with them");
  }
  auto done = TRY(files::set_level(tx, folder, who, level));
  if (done == files::LevelSet::given) record(tx, notices::Type::shared, actor, folder, who);
  if (done == files::LevelSet::taken_back) record(tx, notices::Type::unshared, actor, folder, who);
  return done;
}

}  // namespace

std::vector<PlaceSeen> places(store::ReadTx& tx, const access::Caller& caller) {
  auto mounts = files::mounted(tx, caller, {caller.home});
  std::vector<PlaceSeen> out;
  for (const auto& place : files::places(tx)) {
    if (!files::belongs_to_the_space(place)) continue;
    PlaceSeen seen{.place = place};
    auto mount = std::ranges::find(mounts, place.root, &files::Mounted::node);
    if (mount != mounts.end()) {
      auto node = files::find_by_id(tx, caller, {caller.home}, place.root);
      if (node) seen.rights = node->standing.rights;
      seen.path = mount->path;
    }
    seen.settable = access::may_set_levels(caller, seen.rights, access::Spot::root);
    if (!seen.settable && !seen.rights.any()) continue;
    seen.name = files::place_name(tx, place.root);
    out.push_back(std::move(seen));
  }
  return out;
}

Result<PlaceRights> rights_on(store::ReadTx& tx, const access::Caller& caller, NodeId folder) {
  auto found = TRY(folder_for(tx, caller, folder, access::may_list_levels));
  bool settable = folder_for(tx, caller, folder, access::may_set_levels).has_value();
  return PlaceRights{std::move(found), settable, given_on(tx, folder)};
}

Result<PlaceRights> rights_on(store::ReadTx& tx, NodeId folder) {
  auto found = TRY(files::place_folder(tx, folder));
  return PlaceRights{std::move(found), true, given_on(tx, folder)};
}

Result<files::LevelSet> set_right(store::WriteTx& tx, const access::Caller& caller, NodeId folder,
                                  access::Grantee who, std::optional<access::Level> level) {
  auto found = TRY(folder_for(tx, caller, folder, access::may_set_levels));
  return set_on(tx, caller.member, found, who, level);
}

Result<files::LevelSet> set_right(store::WriteTx& tx, NodeId folder, access::Grantee who,
                                  std::optional<access::Level> level) {
  return set_on(tx, MemberId{}, TRY(files::place_folder(tx, folder)), who, level);
}

std::string audited(store::ReadTx& tx, const files::PlaceFolder& folder, access::Grantee who,
                    std::optional<access::Level> level) {
  auto whom = access::name_of(tx, who);
  std::string out = whom.name;
  if (who.kind != Kind::member) {
    out = whom.kind;
    if (!whom.name.empty()) out += " " + whom.name;
  }
  out.append(": ").append(level ? access::name(*level) : kNoLevel);
  out += " in " + files::place_name(tx, folder.place.root);
  if (folder.parent) out += ", folder " + std::to_string(folder.id.value);
  return out;
}

}  // namespace essaim::shares
