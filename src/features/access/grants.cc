#include <algorithm>

#include "base/core/check.h"
#include "features/access/access.h"
#include "features/members/groups.h"

namespace essaim::access {

namespace {

// How a grantee is stored: the kind above the id.
constexpr int kKindShift = 40;

std::int64_t number_of(Grantee who) {
  return (static_cast<std::int64_t>(who.kind) << kKindShift) | who.id;
}

Grantee grantee_of(std::int64_t number) {
  auto kind = number >> kKindShift;
  CHECK(kind >= 1 && kind <= 5);
  return {static_cast<Grantee::Kind>(kind), number & ((std::int64_t{1} << kKindShift) - 1)};
}

Grant from_row(const sqlite::Rows& row) {
  Grant out{{row.int64(0)},
            {row.int64(1)},
            grantee_of(row.int64(2)),
            rights_of(row.int64(3)),
            std::nullopt};
  if (!row.null(4)) out.until = Instant{row.int64(4)};
  return out;
}

std::optional<std::int64_t> stored(std::optional<Instant> until) {
  return until ? std::optional(until->ms) : std::nullopt;
}

}  // namespace

Result<GrantId> add_grant(store::WriteTx& tx, NodeId node, Grantee who, const Rights& rights,
                          std::optional<Instant> until) {
  {
    auto count = tx.query(R"sql(
      SELECT (SELECT count(*) FROM access_grant WHERE node_id = ?),
             (SELECT count(*) FROM access_grant))sql",
                          node);
    CHECK(count.next());
    if (count.int64(0) >= kGrantsPerNodeMax || count.int64(1) >= kGrantsMax) {
      return fail(Code::too_many, "too many grants");
    }
  }
  tx.execute(R"sql(INSERT INTO access_grant(node_id, who, rights, until) VALUES (?, ?, ?, ?))sql",
             node, number_of(who), bits_of(rights), stored(until));
  return GrantId{tx.last_insert_rowid()};
}

void change_grant(store::WriteTx& tx, GrantId grant, const Rights& rights,
                  std::optional<Instant> until) {
  tx.execute(R"sql(UPDATE access_grant SET rights = ?, until = ? WHERE id = ?)sql", bits_of(rights),
             stored(until), grant);
}

void remove_grant(store::WriteTx& tx, GrantId grant) {
  tx.execute(R"sql(DELETE FROM access_grant WHERE id = ?)sql", grant);
}

Result<Grant> find_grant(store::ReadTx& tx, GrantId grant) {
  auto rows = tx.query(R"sql(
    SELECT id, node_id, who, rights, until FROM access_grant WHERE id = ?)sql",
                       grant);
  if (!rows.next()) return fail(Code::not_found, "no such grant");
  return from_row(rows);
}

std::vector<Grant> grants_on(store::ReadTx& tx, NodeId node) {
  std::vector<Grant> out;
  auto rows = tx.query(R"sql(
    SELECT id, node_id, who, rights, until FROM access_grant WHERE node_id = ?
    ORDER BY id LIMIT ?)sql",
                       node, kGrantsPerNodeMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

std::vector<Grant> grants_on_children(store::ReadTx& tx, NodeId folder) {
  std::vector<Grant> out;
  auto rows = tx.query(R"sql(
    SELECT access_grant.id, node_id, who, rights, until
    FROM node INDEXED BY node_granted JOIN access_grant ON access_grant.node_id = node.id
    WHERE node.parent_id = ? AND node.grants > 0 ORDER BY node.id, access_grant.id LIMIT ?)sql",
                       folder, kGrantsMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

std::vector<Grant> grants_for(store::ReadTx& tx, Grantee who) {
  std::vector<Grant> out;
  auto rows = tx.query(R"sql(
    SELECT id, node_id, who, rights, until FROM access_grant WHERE who = ?
    ORDER BY node_id, id LIMIT ?)sql",
                       number_of(who), kGrantsMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

std::vector<Grant> grants_meaning(store::ReadTx& tx, const Caller& member) {
  std::vector<Grant> out;
  auto rows = tx.query(R"sql(
    SELECT id, node_id, who, rights, until FROM access_grant
    WHERE who IN (SELECT value FROM json_each(?)) AND (until IS NULL OR until > ?)
    ORDER BY node_id, id LIMIT ?)sql",
                       member.identities, tx.now().ms, kGrantsMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

std::vector<Grant> grants_over(store::ReadTx& tx, int count) {
  std::vector<Grant> out;
  auto rows = tx.query(R"sql(
    SELECT id, node_id, who, rights, until FROM access_grant
    WHERE until IS NOT NULL AND until <= ? ORDER BY until LIMIT ?)sql",
                       tx.now().ms, count);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

std::string identities(store::ReadTx& tx, MemberId member, members::Role role) {
  std::string out = "[" + std::to_string(number_of({Grantee::Kind::member, member.value}));
  auto add = [&](Grantee who) { out += "," + std::to_string(number_of(who)); };
  if (role != members::Role::guest) add({Grantee::Kind::everyone});
  if (role == members::Role::gestion) add({Grantee::Kind::gestion});
  for (const auto& belonging : members::groups_of(tx, member)) {
    add({Grantee::Kind::group, belonging.group.id.value});
    if (belonging.manager == members::Manager::yes) {
      add({Grantee::Kind::managers, belonging.group.id.value});
    }
  }
  return out + "]";
}

std::vector<MemberId> members_meant(store::ReadTx& tx, Grantee who) {
  std::vector<MemberId> out;
  switch (who.kind) {
    case Grantee::Kind::member:
      if (members::find(tx, MemberId{who.id})) out.push_back({who.id});
      return out;
    case Grantee::Kind::group:
      return members::member_ids_of(tx, GroupId{who.id});
    case Grantee::Kind::managers:
      for (const auto& each : members::managers_of(tx, GroupId{who.id})) out.push_back(each.id);
      return out;
    case Grantee::Kind::everyone:
    case Grantee::Kind::gestion:
      for (const auto& each : members::list(tx)) {
        bool meant = who.kind == Grantee::Kind::gestion ? each.role == members::Role::gestion
                                                        : each.role != members::Role::guest;
        if (meant) out.push_back(each.id);
      }
      return out;
  }
  return out;
}

Granted granted(store::ReadTx& tx, const Caller& caller, NodeId node) {
  Granted out;
  std::int64_t bits = 0;
  auto rows = tx.query(R"sql(
    WITH RECURSIVE up(id) AS (
      SELECT ?1 UNION ALL
      SELECT node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    SELECT access_grant.rights, until FROM up JOIN access_grant ON access_grant.node_id = up.id
    WHERE access_grant.who IN (SELECT value FROM json_each(?2))
      AND (until IS NULL OR until > ?3)
      AND NOT EXISTS (SELECT 1 FROM mount_refused
                      WHERE member_id = ?4 AND mount_refused.node_id = up.id)
    ORDER BY up.id LIMIT ?5)sql",
                       node, caller.identities, tx.now().ms, caller.member, kGrantsMax);
  while (rows.next()) {
    bits |= rows.int64(0);
    if (rows.null(1)) continue;
    Instant end{rows.int64(1)};
    out.until = out.until ? std::min(*out.until, end) : end;
  }
  out.rights = rights_of(bits);
  return out;
}

std::unordered_map<std::int64_t, Rights> granted_to(store::ReadTx& tx, const Caller& caller,
                                                    std::span<const NodeId> nodes) {
  constexpr std::int64_t kRightsMax = 256;  // that differ
  std::string list = "[";
  for (NodeId node : nodes) list += (list.size() > 1 ? "," : "") + std::to_string(node.value);
  list += "]";
  std::unordered_map<std::int64_t, Rights> out;
  auto rows =
      tx.query(R"sql(
    WITH RECURSIVE up(node, id) AS (
      SELECT value, value FROM json_each(?1) UNION ALL
      SELECT up.node, node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    SELECT DISTINCT up.node, access_grant.rights
    FROM up JOIN access_grant ON access_grant.node_id = up.id
    WHERE access_grant.who IN (SELECT value FROM json_each(?2))
      AND (until IS NULL OR until > ?3)
      AND NOT EXISTS (SELECT 1 FROM mount_refused
                      WHERE member_id = ?4 AND mount_refused.node_id = up.id)
    ORDER BY up.node LIMIT ?5)sql",
               list, caller.identities, tx.now().ms, caller.member, kGrantsMax * kRightsMax);
  while (rows.next()) {
    Rights& rights = out[rows.int64(0)];
    rights = rights | rights_of(rows.int64(1));
  }
  return out;
}

std::unordered_map<std::int64_t, Rights> granted_to_children(store::ReadTx& tx,
                                                             const Caller& caller, NodeId folder) {
  std::unordered_map<std::int64_t, Rights> out;
  auto rows = tx.query(R"sql(
    SELECT node.id, access_grant.rights
    FROM node INDEXED BY node_granted JOIN access_grant ON access_grant.node_id = node.id
    WHERE node.parent_id = ?1 AND node.grants > 0
      AND access_grant.who IN (SELECT value FROM json_each(?2))
      AND (until IS NULL OR until > ?3)
      AND NOT EXISTS (SELECT 1 FROM mount_refused
                      WHERE member_id = ?4 AND mount_refused.node_id = node.id)
    ORDER BY node.id LIMIT ?5)sql",
                       folder, caller.identities, tx.now().ms, caller.member, kGrantsMax);
  while (rows.next()) {
    Rights& rights = out[rows.int64(0)];
    rights = rights | rights_of(rows.int64(1));
  }
  return out;
}

Rights granted_on(store::ReadTx& tx, const Caller& caller, NodeId node) {
  std::int64_t bits = 0;
  auto rows = tx.query(R"sql(
    SELECT rights FROM access_grant
    WHERE node_id = ?1 AND who IN (SELECT value FROM json_each(?2))
      AND (until IS NULL OR until > ?3)
      AND NOT EXISTS (SELECT 1 FROM mount_refused
                      WHERE member_id = ?4 AND mount_refused.node_id = ?1)
    ORDER BY id LIMIT ?5)sql",
                       node, caller.identities, tx.now().ms, caller.member, kGrantsPerNodeMax);
  while (rows.next()) bits |= rows.int64(0);
  return rights_of(bits);
}

void refuse(store::WriteTx& tx, MemberId member, NodeId node, Answer answer) {
  tx.execute(R"sql(
    INSERT INTO mount_refused(member_id, node_id, state) VALUES (?1, ?2, ?3)
    ON CONFLICT(member_id, node_id) DO UPDATE SET state = ?3)sql",
             member, node, static_cast<int>(answer));
}

void accept(store::WriteTx& tx, MemberId member, NodeId node) {
  tx.execute(R"sql(DELETE FROM mount_refused WHERE member_id = ? AND node_id = ?)sql", member,
             node);
}

std::vector<Refusal> refusals(store::ReadTx& tx, MemberId member) {
  std::vector<Refusal> out;
  auto rows = tx.query(R"sql(
    SELECT node_id, state FROM mount_refused WHERE member_id = ? ORDER BY node_id LIMIT ?)sql",
                       member, kGrantsMax);
  while (rows.next()) out.push_back({{rows.int64(0)}, static_cast<Answer>(rows.int64(1))});
  return out;
}

}  // namespace essaim::access
