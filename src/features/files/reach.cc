#include "features/files/reach.h"

#include "base/core/check.h"
#include "features/files/internal/settle.h"
#include "features/members/members.h"
#include "features/notices/notifications.h"
#include "space/journal/journal.h"

namespace essaim::files {

namespace {

// Whoever sees the node learns that its grants changed: the folder it lies in is listed anew, and
// a folder itself too. The content of a file is what it was.
void show_change(store::WriteTx& tx, const Node& node, Seq seq, std::int64_t grants) {
  if (node.is_folder()) {
    internal::touch_up(tx, node.id, seq, {.grants = grants});
    return;
  }
  internal::touch_up(tx, node.parent, seq, {.grants = grants});
  tx.execute(R"sql(UPDATE node SET grants = grants + ? WHERE id = ?)sql", grants, node.id);
}

// Listings say to whom a node is given without reading its grants.
void mark_given(store::WriteTx& tx, NodeId node) {
  std::int64_t given = 0;
  for (const auto& grant : access::grants_on(tx, node)) {
    given |= std::int64_t{1} << static_cast<int>(grant.who.kind);
  }
  tx.execute(R"sql(UPDATE node SET given = ? WHERE id = ?)sql", given, node);
}

void settle_grant(store::WriteTx& tx, const Node& node, access::Grantee who, Seq seq) {
  internal::settle_below(tx, node.id, seq, access::members_meant(tx, who));
}

}  // namespace

Result<GrantId> give(store::WriteTx& tx, NodeId id, access::Grantee who,
                     const access::Rights& rights, std::optional<Instant> until) {
  auto node = internal::by_id(tx, id);
  if (!node) return fail(Code::not_found, "no such node");
  auto grant = TRY(access::add_grant(tx, id, who, rights, until));
  Seq seq = journal::append(tx, id, journal::Op::properties);
  show_change(tx, *node, seq, 1);
  mark_given(tx, id);
  settle_grant(tx, *node, who, seq);
  return grant;
}

Result<void> change_given(store::WriteTx& tx, GrantId grant, const access::Rights& rights,
                          std::optional<Instant> until) {
  auto found = TRY(access::find_grant(tx, grant));
  auto node = internal::by_id(tx, found.node);
  CHECK(node);
  access::change_grant(tx, grant, rights, until);
  Seq seq = journal::append(tx, node->id, journal::Op::properties);
  show_change(tx, *node, seq, 0);
  settle_grant(tx, *node, found.who, seq);
  return {};
}

Result<void> take_back(store::WriteTx& tx, GrantId grant) {
  auto found = TRY(access::find_grant(tx, grant));
  auto node = internal::by_id(tx, found.node);
  CHECK(node);
  Seq seq = journal::append(tx, node->id, journal::Op::properties);
  auto members = access::members_meant(tx, found.who);
  access::remove_grant(tx, grant);
  notices::dismiss_object(tx, kGrantObject, std::to_string(grant.value));
  mark_given(tx, node->id);
  // The mount is looked for while the node still counts as granted.
  internal::settle_below(tx, node->id, seq, members);
  show_change(tx, *node, seq, -1);
  return {};
}

int end_grants(store::WriteTx& tx, int count) {
  auto over = access::grants_over(tx, count);
  for (const auto& grant : over) {
    auto gone = take_back(tx, grant.id);
    CHECK(gone);
  }
  return static_cast<int>(over.size());
}

Result<void> leave(store::WriteTx& tx, const access::Caller& caller, NodeId node) {
  auto mount = internal::mount_at(tx, caller.member, node);
  auto found = internal::by_id(tx, node);
  if (!mount || !found || found->parent == NodeId{1}) return fail(Code::not_found, "no such mount");
  access::refuse(tx, caller.member, node, access::Answer::declined);
  Seq seq = journal::append(tx, node, journal::Op::properties);
  internal::settle_below(tx, node, seq, {caller.member});
  return {};
}

Result<void> come_back(store::WriteTx& tx, const access::Caller& caller, NodeId node) {
  bool refused = false;
  for (const auto& each : access::refusals(tx, caller.member)) refused |= each.node == node;
  if (!refused) return fail(Code::not_found, "nothing was refused");
  access::accept(tx, caller.member, node);
  Seq seq = journal::append(tx, node, journal::Op::properties);
  internal::settle_below(tx, node, seq, {caller.member});
  return {};
}

std::string name_of(store::ReadTx& tx, NodeId id) {
  auto node = internal::by_id(tx, id);
  return node ? node->name : std::string();
}

std::vector<Mounted> mounted(store::ReadTx& tx, const access::Caller& caller,
                             const access::Place& place) {
  std::vector<Mounted> out;
  for (const auto& mount : internal::mounts_of(tx, caller.member)) {
    auto path = path_of(tx, caller, place, mount.node);
    if (path) out.push_back({mount.node, std::move(*path)});
  }
  return out;
}

std::vector<std::string> check_reach(store::ReadTx& tx) {
  constexpr int kReportMax = 100;
  std::vector<std::string> out;
  auto rows = tx.query(R"sql(
    SELECT folder.id, folder.grants,
           coalesce((SELECT sum(child.grants) FROM node AS child
                     WHERE child.parent_id = folder.id AND child.id <> folder.id
                       AND child.id <> 2), 0) AS below
    FROM node AS folder
    WHERE folder.kind = 1 AND folder.id <> 2 AND folder.parent_id <> 2
    ORDER BY folder.id LIMIT ?)sql",
                       10'000'000);
  while (rows.next()) {
    auto own = static_cast<std::int64_t>(access::grants_on(tx, NodeId{rows.int64(0)}).size());
    if (rows.int64(1) == rows.int64(2) + own) continue;
    out.push_back("folder " + std::to_string(rows.int64(0)) + " says " +
                  std::to_string(rows.int64(1)) + " grants, counted " +
                  std::to_string(rows.int64(2) + own));
    if (out.size() >= kReportMax) break;
  }
  for (const auto& member : members::list(tx)) {
    if (out.size() >= kReportMax) break;
    for (auto& each : internal::misplaced(tx, member.id)) out.push_back(std::move(each));
  }
  return out;
}

}  // namespace essaim::files
