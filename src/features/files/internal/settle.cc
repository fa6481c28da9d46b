#include "features/files/internal/settle.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/core/check.h"
#include "features/files/places.h"
#include "features/files/reach.h"
#include "features/members/members.h"
#include "features/notices/notifications.h"

namespace essaim::files::internal {

namespace {

// The nodes at and below `node` that have grants of their own, or only grants further below.
std::vector<NodeId> granted_below(store::ReadTx& tx, NodeId node) {
  std::vector<NodeId> out;
  auto rows = tx.query(R"sql(
    WITH RECURSIVE down(id) AS (
      SELECT ?1 UNION ALL
      SELECT node.id FROM down JOIN node INDEXED BY node_granted ON node.parent_id = down.id
      WHERE node.grants > 0 AND node.id <> 1)
    SELECT id FROM down ORDER BY id LIMIT ?2)sql",
                       node, access::kGrantsMax);
  while (rows.next()) out.push_back({rows.int64(0)});
  return out;
}

// What the member should see at a node by a mount of its own: nothing, when they own the place,
// when it is in no place, or when they see the folder it lies in.
access::Granted wanted_at(store::ReadTx& tx, const access::Caller& member, NodeId id) {
  Top top = top_of(tx, id);
  if (top.kind != Top::Kind::place || top.place == member.home) return {};
  // Rights that only come down from a folder one may not look into open nothing below it.
  if (!access::granted_on(tx, member, id).any()) return {};
  auto given = access::granted(tx, member, id);
  auto node = by_id(tx, id);
  CHECK(node);
  if (node->parent != NodeId{1} && access::granted(tx, member, node->parent).rights.read) return {};
  return given;
}

// The folders of the home above and including `folder` are listed anew by their owner.
void bump_home(store::WriteTx& tx, NodeId folder, Seq seq) {
  touch_up(tx, folder, seq, {});
}

void make_mount(store::WriteTx& tx, const access::Caller& member, NodeId id,
                const access::Granted& given, Seq seq) {
  auto node = by_id(tx, id);
  CHECK(node);
  std::string wish = node->parent == NodeId{1} ? place_name(tx, id) : node->name;
  auto name = free_name(tx, member.home, wish);
  // As good as impossible, and no reason to refuse a grant: the member finds it under its number.
  std::string named = name ? *name : "(" + std::to_string(id.value) + ")";
  tx.execute(R"sql(
    INSERT INTO mount(member_id, node_id, parent_id, name, rights, until, seq)
    VALUES (?, ?, ?, ?, ?, ?, ?))sql",
             member.member, id, member.home, named, access::bits_of(given.rights),
             given.until ? std::optional(given.until->ms) : std::nullopt, seq);
  bump_home(tx, member.home, seq);
}

// Nobody is to open a notification that leads nowhere.
void forget_told(store::WriteTx& tx, MemberId member, NodeId id) {
  for (const auto& grant : access::grants_on(tx, id)) {
    notices::dismiss_object(tx, kGrantObject, std::to_string(grant.id.value), member);
  }
}

void forget_told_below(store::WriteTx& tx, NodeId node) {
  for (NodeId id : granted_below(tx, node)) {
    for (const auto& grant : access::grants_on(tx, id)) {
      notices::dismiss_object(tx, kGrantObject, std::to_string(grant.id.value));
    }
  }
}

void settle_one(store::WriteTx& tx, const access::Caller& member, NodeId id,
                const std::optional<Mount>& have, Seq seq) {
  auto given = wanted_at(tx, member, id);
  if (!have) {
    if (given.rights.any()) make_mount(tx, member, id, given, seq);
    return;
  }
  if (!given.rights.any()) {
    tx.execute(R"sql(DELETE FROM mount WHERE member_id = ? AND node_id = ?)sql", member.member, id);
    bump_home(tx, have->parent, seq);
    // Without a mount they may still see it in a folder that they were given as well.
    if (!access::granted(tx, member, id).rights.read) forget_told(tx, member.member, id);
  } else if (given.rights != have->rights || given.until != have->until) {
    bool told = given.rights != have->rights;
    tx.execute(R"sql(
      UPDATE mount SET rights = ?, until = ?, seq = ? WHERE member_id = ? AND node_id = ?)sql",
               access::bits_of(given.rights),
               given.until ? std::optional(given.until->ms) : std::nullopt, told ? seq : have->seq,
               member.member, id);
    if (told) bump_home(tx, have->parent, seq);
  }
}

// What lies below a mount may have other rights for its member now: they list all of it anew. The
// mount of `node` itself is settle_one's.
void bump_enclosing(store::WriteTx& tx, MemberId member, NodeId node, Seq seq) {
  NodeId mounted;
  NodeId parent;
  {
    auto rows = tx.query(R"sql(
      WITH RECURSIVE up(id) AS (
        SELECT parent_id FROM node WHERE id = ?1 UNION ALL
        SELECT node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
      SELECT mount.node_id, mount.parent_id FROM up JOIN mount
        ON mount.member_id = ?2 AND mount.node_id = up.id
      WHERE mount.rights & 1 ORDER BY mount.node_id LIMIT 1)sql",
                         node, member);
    if (!rows.next()) return;
    mounted = {rows.int64(0)};
    parent = {rows.int64(1)};
  }
  tx.execute(R"sql(UPDATE mount SET seq = ? WHERE member_id = ? AND node_id = ?)sql", seq, member,
             mounted);
  bump_home(tx, parent, seq);
}

// As access sees them, signed in or not.
std::optional<access::Caller> as_caller(store::ReadTx& tx, MemberId id) {
  auto member = members::find(tx, id);
  if (!member || !member->home) return std::nullopt;
  return access::caller_of(tx, *member, TokenId{});
}

}  // namespace

std::vector<MemberId> audience(store::ReadTx& tx, NodeId node) {
  std::set<access::Grantee> whos;
  std::set<MemberId> out;
  for (NodeId id : granted_below(tx, node)) {
    for (const auto& grant : access::grants_on(tx, id)) whos.insert(grant.who);
    auto rows = tx.query(R"sql(SELECT member_id FROM mount WHERE node_id = ? ORDER BY member_id
                               LIMIT ?)sql",
                         id, members::kMembersMax);
    while (rows.next()) out.insert({rows.int64(0)});
  }
  for (const auto& who : whos) {
    for (MemberId member : access::members_meant(tx, who)) out.insert(member);
  }
  return {out.begin(), out.end()};
}

void settle_below(store::WriteTx& tx, NodeId node, Seq seq, const std::vector<MemberId>& members) {
  if (members.empty()) return;
  auto nodes = granted_below(tx, node);
  for (MemberId id : members) {
    auto member = as_caller(tx, id);
    if (!member) continue;
    for (NodeId each : nodes) {
      settle_one(tx, *member, each, mount_at(tx, id, each), seq);
    }
    bump_enclosing(tx, id, node, seq);
  }
}

void settle_moved(store::WriteTx& tx, const Node& node, Seq seq) {
  if (node.grants == 0) return;
  // In the bin it is no longer where the notifications lead.
  if (top_of(tx, node.id).kind != Top::Kind::place) forget_told_below(tx, node.id);
  settle_below(tx, node.id, seq, audience(tx, node.id));
}

void rehang(store::WriteTx& tx, NodeId home, Seq seq) {
  struct Astray {
    MemberId member;
    NodeId node;
    NodeId parent;
    std::string name;
  };
  std::vector<Astray> astray;
  {
    auto rows = tx.query(R"sql(
      SELECT member_id, node_id, parent_id, name
      FROM place JOIN mount ON mount.member_id = place.owner
      WHERE place.root = ?1 AND place.kind = 1 AND parent_id <> ?1 ORDER BY node_id LIMIT ?2)sql",
                         home, access::kGrantsMax);
    while (rows.next()) {
      astray.push_back(
          {{rows.int64(0)}, {rows.int64(1)}, {rows.int64(2)}, std::string(rows.text(3))});
    }
  }
  for (const Astray& mount : astray) {
    Top top = top_of(tx, mount.parent);
    if (top.kind == Top::Kind::place && top.place == home) continue;
    auto name = free_name(tx, home, mount.name);
    CHECK(name);
    tx.execute(R"sql(
      UPDATE mount SET parent_id = ?, name = ?, seq = ? WHERE member_id = ? AND node_id = ?)sql",
               home, *name, seq, mount.member, mount.node);
    bump_home(tx, home, seq);
  }
}

void move_mount(store::WriteTx& tx, const access::Caller& caller, const Node& mounted,
                const Node& folder, const std::string& name, Seq seq) {
  // Its own number stays: what is below is as it was, and clients recognise the folder by it.
  tx.execute(R"sql(
    UPDATE mount SET parent_id = ?, name = ? WHERE member_id = ? AND node_id = ?)sql",
             folder.id, name, caller.member, mounted.id);
  bump_home(tx, mounted.parent, seq);
  bump_home(tx, folder.id, seq);
}

std::vector<std::string> misplaced(store::ReadTx& tx, MemberId id) {
  std::vector<std::string> out;
  auto member = as_caller(tx, id);
  if (!member) return out;
  std::set<NodeId> nodes;
  for (const Mount& mount : mounts_of(tx, id)) nodes.insert(mount.node);
  for (const auto& grant : access::grants_meaning(tx, *member)) nodes.insert(grant.node);
  for (NodeId node : nodes) {
    auto have = mount_at(tx, id, node);
    auto given = wanted_at(tx, *member, node);
    // A grant that ended since is taken back by the housekeeping.
    bool over = have && have->until && *have->until <= tx.now();
    bool right = have ? have->rights == given.rights : !given.rights.any();
    if (right || over) continue;
    out.push_back("member " + member->uid + " has rights " +
                  std::to_string(have ? access::bits_of(have->rights) : 0) + " on node " +
                  std::to_string(node.value) + ", granted are " +
                  std::to_string(access::bits_of(given.rights)));
  }
  return out;
}

}  // namespace essaim::files::internal

namespace essaim::files {

void settle_member(store::WriteTx& tx, MemberId member,
                   const std::vector<access::Grantee>& changed) {
  std::set<NodeId> nodes;
  for (const auto& who : changed) {
    for (const auto& grant : access::grants_for(tx, who)) nodes.insert(grant.node);
  }
  if (nodes.empty()) return;
  Seq seq = journal::append(tx, *nodes.begin(), journal::Op::properties);
  for (NodeId node : nodes) internal::settle_below(tx, node, seq, {member});
}

}  // namespace essaim::files
