#include "features/files/locks.h"

#include <algorithm>
#include <map>

#include "base/core/check.h"
#include "base/secrets/secrets.h"
#include "features/files/internal/tree.h"
#include "features/members/members.h"

namespace essaim::files {

namespace {

// Version 4, random (RFC 9562 §5.4).
std::string random_uuid() {
  constexpr std::string_view kVariants = "89ab";
  std::string hex = secrets::random_hex(32);
  hex[12] = '4';
  auto digit = static_cast<std::size_t>(hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10);
  hex[16] = kVariants[digit % kVariants.size()];
  for (std::size_t at : {20, 16, 12, 8}) hex.insert(at, 1, '-');
  return hex;
}

Lock from_row(const sqlite::Rows& row) {
  Lock lock;
  lock.id = row.int64(0);
  lock.node = {row.int64(1)};
  lock.member = {row.int64(2)};
  lock.token = row.text(3);
  lock.kind = static_cast<LockKind>(row.int64(4));
  lock.scope = row.int64(5) != 0 ? LockScope::shared : LockScope::exclusive;
  lock.depth = row.int64(6) != 0 ? LockDepth::infinity : LockDepth::zero;
  lock.owner = row.text(7);
  lock.created = {row.int64(8)};
  lock.life = Duration{row.int64(9)};
  lock.expires = {row.int64(10)};
  return lock;
}

// Each member is asked for once, however many locks they have.
void name_members(store::ReadTx& tx, std::vector<Lock>& locks) {
  std::map<MemberId, members::Member> known;
  for (Lock& lock : locks) {
    auto at = known.find(lock.member);
    if (at == known.end()) {
      auto member = members::find(tx, lock.member);
      CHECK(member);
      at = known.emplace(lock.member, std::move(*member)).first;
    }
    lock.uid = at->second.uid;
    lock.display = at->second.display;
  }
}

// What nearly every write asks, and nearly always the answer is no.
bool any_lock(store::ReadTx& tx) {
  return tx
      .query(R"sql(SELECT 1 FROM node_lock WHERE expires_at > ? ORDER BY expires_at LIMIT 1)sql",
             tx.now().ms)
      .next();
}

std::vector<Lock> covering(store::ReadTx& tx, NodeId node) {
  std::vector<Lock> out;
  if (!any_lock(tx)) return out;
  auto rows = tx.query(R"sql(
    WITH RECURSIVE up(id, level) AS (
      SELECT ?1, 0 UNION ALL
      SELECT node.parent_id, up.level + 1 FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    SELECT node_lock.id, node_id, member_id, token, node_lock.kind, shared, infinite, owner,
           created_at, life_ms, expires_at
    FROM up JOIN node_lock ON node_lock.node_id = up.id
    WHERE expires_at > ?2 AND (up.level = 0 OR infinite = 1)
    ORDER BY up.level, node_lock.id LIMIT ?3)sql",
                       node, tx.now().ms, kLocksPerSpaceMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

// Locks on what is below `node`, at any depth, not on itself.
std::vector<Lock> below(store::ReadTx& tx, NodeId node) {
  std::vector<Lock> out;
  if (!any_lock(tx)) return out;
  auto rows = tx.query(R"sql(
    WITH RECURSIVE up(lock_id, id) AS (
      SELECT id, node_id FROM node_lock WHERE expires_at > ?2 UNION ALL
      SELECT up.lock_id, node.parent_id FROM up JOIN node ON node.id = up.id
      WHERE up.id <> 1 AND up.id <> ?1)
    SELECT node_lock.id, node_id, member_id, token, node_lock.kind, shared, infinite, owner,
           created_at, life_ms, expires_at
    FROM up JOIN node_lock ON node_lock.id = up.lock_id
    WHERE up.id = ?1 AND node_id <> ?1
    ORDER BY node_lock.node_id, node_lock.id LIMIT ?3)sql",
                       node, tx.now().ms, kLocksPerSpaceMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

bool submits(const access::Caller& caller, const Lock& lock) {
  return lock.member == caller.member &&
         std::ranges::any_of(caller.lock_tokens, [&](std::string_view token) {
           return token.starts_with(kLockTokenScheme) &&
                  token.substr(kLockTokenScheme.size()) == lock.token;
         });
}

bool lets_through(const access::Caller& caller, const Lock& lock) {
  return lock.kind == LockKind::person ? lock.member == caller.member : submits(caller, lock);
}

tl::unexpected<Error> locked(const Lock& lock) {
  return tl::unexpected<Error>(Error{Code::locked, "lock " + lock.token, lock.node});
}

// The locks of one resource. Of shared ones, one token is enough (RFC 4918 §6.2).
Result<void> check(const access::Caller& caller, const std::vector<Lock>& locks) {
  const Lock* closed = nullptr;
  for (const Lock& lock : locks) {
    if (!lets_through(caller, lock)) {
      closed = &lock;
    } else if (lock.scope == LockScope::shared) {
      return {};
    }
  }
  if (closed != nullptr) return locked(*closed);
  return {};
}

// A lock shows in the listing of the folder (nc:lock), so the etags above change; the node's own
// does not, or clients would transfer its content again.
void show_change(store::WriteTx& tx, NodeId node) {
  auto found = internal::by_id(tx, node);
  CHECK(found);
  Seq seq = journal::append(tx, node, journal::Op::properties);
  tx.execute(R"sql(
    WITH RECURSIVE up(id) AS (
      SELECT ?1 UNION ALL
      SELECT node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    UPDATE node SET seq = ?2 WHERE id IN (SELECT id FROM up))sql",
             found->parent, seq);
}

Result<void> check_counts(store::ReadTx& tx, const access::Caller& caller, NodeId node) {
  auto rows = tx.query(R"sql(
    SELECT (SELECT count(*) FROM node_lock WHERE node_id = ?1),
           (SELECT count(*) FROM node_lock WHERE member_id = ?2),
           (SELECT count(*) FROM node_lock))sql",
                       node, caller.member);
  CHECK(rows.next());
  if (rows.int64(0) >= kLocksPerNodeMax || rows.int64(1) >= kLocksPerMemberMax ||
      rows.int64(2) >= kLocksPerSpaceMax) {
    return fail(Code::too_many, "too many locks");
  }
  return {};
}

Result<Lock> find_covering(store::ReadTx& tx, const access::Caller& caller, NodeId node,
                           std::string_view token) {
  auto locks = covering(tx, node);
  auto at = std::ranges::find(locks, token, &Lock::token);
  if (at == locks.end()) return fail(Code::not_found, "no such lock here");
  if (at->member != caller.member) return fail(Code::forbidden, "somebody else's lock");
  return std::move(*at);
}

}  // namespace

Result<Lock> lock(store::WriteTx& tx, const access::Caller& caller, const Node& node,
                  const NewLock& wanted) {
  if (!node.standing.rights.write) return fail(Code::forbidden, "no right");
  if (wanted.owner.size() > kLockOwnerMax) return fail(Code::too_large, "owner of a lock");
  expire_locks(tx, kLocksExpiredPerTurn);
  bool shared = wanted.scope == LockScope::shared;
  auto in_the_way = [&](const Lock& other) {
    return !shared || other.scope == LockScope::exclusive;
  };
  auto above = covering(tx, node.id);
  if (auto at = std::ranges::find_if(above, in_the_way); at != above.end()) return locked(*at);
  if (wanted.depth == LockDepth::infinity) {
    auto inside = below(tx, node.id);
    if (auto at = std::ranges::find_if(inside, in_the_way); at != inside.end()) return locked(*at);
  }
  TRY_VOID(check_counts(tx, caller, node.id));
  Duration life = std::clamp(wanted.life, Duration{1'000}, kLockLifeMax);
  std::string token = random_uuid();
  tx.execute(R"sql(
    INSERT INTO node_lock(node_id, member_id, token, kind, shared, infinite, owner, created_at,
                          life_ms, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql",
             node.id, caller.member, token, static_cast<int>(wanted.kind), shared ? 1 : 0,
             wanted.depth == LockDepth::infinity ? 1 : 0, wanted.owner, tx.now().ms, life.count(),
             tx.now().ms + life.count());
  show_change(tx, node.id);
  std::vector<Lock> made{TRY(find_covering(tx, caller, node.id, token))};
  name_members(tx, made);
  return std::move(made.front());
}

Result<Lock> refresh_lock(store::WriteTx& tx, const access::Caller& caller, NodeId node,
                          std::string_view token, Duration life) {
  std::vector<Lock> found{TRY(find_covering(tx, caller, node, token))};
  name_members(tx, found);
  Lock& lock = found.front();
  lock.life = std::clamp(life, Duration{1'000}, kLockLifeMax);
  lock.expires = {tx.now().ms + lock.life.count()};
  tx.execute(R"sql(UPDATE node_lock SET life_ms = ?, expires_at = ? WHERE id = ?)sql",
             lock.life.count(), lock.expires.ms, lock.id);
  return std::move(lock);
}

Result<void> unlock(store::WriteTx& tx, const access::Caller& caller, NodeId node,
                    std::string_view token) {
  auto lock = TRY(find_covering(tx, caller, node, token));
  tx.execute(R"sql(DELETE FROM node_lock WHERE id = ?)sql", lock.id);
  show_change(tx, lock.node);
  expire_locks(tx, kLocksExpiredPerTurn);
  return {};
}

Result<void> lock_for_person(store::WriteTx& tx, const access::Caller& caller, const Node& node,
                             LockKind kind) {
  for (const Lock& held : covering(tx, node.id)) {
    bool own = held.node == node.id && held.kind == kind && held.scope == LockScope::exclusive;
    if (!own || !lets_through(caller, held)) continue;
    TRY_VOID(refresh_lock(tx, caller, node.id, held.token, kLockLife));
    return {};
  }
  TRY_VOID(lock(tx, caller, node, {.kind = kind}));
  return {};
}

Result<void> unlock_for_person(store::WriteTx& tx, const access::Caller& caller, NodeId node) {
  auto held = covering(tx, node);
  std::erase_if(held, [&](const Lock& each) { return each.node != node; });
  if (held.empty()) return fail(Code::not_found, "not locked");
  bool any = false;
  for (const Lock& each : held) {
    if (each.member != caller.member) continue;
    TRY_VOID(unlock(tx, caller, node, each.token));
    any = true;
  }
  if (!any) return fail(Code::forbidden, "locked by others");
  return {};
}

int expire_locks(store::WriteTx& tx, int count) {
  std::vector<std::pair<std::int64_t, NodeId>> over;
  {
    auto rows = tx.query(R"sql(
      SELECT id, node_id FROM node_lock WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)sql",
                         tx.now().ms, count);
    while (rows.next()) over.emplace_back(rows.int64(0), NodeId{rows.int64(1)});
  }
  for (const auto& [id, node] : over) {
    tx.execute(R"sql(DELETE FROM node_lock WHERE id = ?)sql", id);
    show_change(tx, node);
  }
  return static_cast<int>(over.size());
}

std::vector<Lock> covering_locks(store::ReadTx& tx, NodeId node) {
  auto out = covering(tx, node);
  name_members(tx, out);
  return out;
}

std::vector<Lock> child_locks(store::ReadTx& tx, NodeId folder) {
  std::vector<Lock> out;
  if (!any_lock(tx)) return out;
  {
    auto rows = tx.query(R"sql(
      SELECT node_lock.id, node_id, member_id, token, node_lock.kind, shared, infinite, owner,
             created_at, life_ms, expires_at
      FROM node_lock JOIN node ON node.id = node_lock.node_id
      WHERE node.parent_id = ?1 AND node.id <> ?1 AND expires_at > ?2
      ORDER BY node_id, node_lock.id LIMIT ?3)sql",
                         folder, tx.now().ms, kLocksPerSpaceMax);
    while (rows.next()) out.push_back(from_row(rows));
  }
  name_members(tx, out);
  return out;
}

std::vector<Lock> all_locks(store::ReadTx& tx) {
  std::vector<Lock> out;
  {
    auto rows = tx.query(R"sql(
      SELECT id, node_id, member_id, token, kind, shared, infinite, owner, created_at, life_ms,
             expires_at
      FROM node_lock WHERE expires_at > ? ORDER BY expires_at LIMIT ?)sql",
                         tx.now().ms, kLocksPerSpaceMax);
    while (rows.next()) out.push_back(from_row(rows));
  }
  name_members(tx, out);
  return out;
}

Result<void> check_locks(store::ReadTx& tx, const access::Caller& caller, NodeId node) {
  return check(caller, covering(tx, node));
}

Result<void> check_locks_below(store::ReadTx& tx, const access::Caller& caller, NodeId node) {
  TRY_VOID(check_locks(tx, caller, node));
  auto inside = below(tx, node);  // by node, so each resource is one run
  for (auto at = inside.begin(); at != inside.end();) {
    auto end =
        std::find_if(at, inside.end(), [&](const Lock& lock) { return lock.node != at->node; });
    TRY_VOID(check(caller, std::vector<Lock>(at, end)));
    at = end;
  }
  return {};
}

Result<void> check_locks(store::ReadTx& tx, const access::Caller& caller,
                         const access::Place& place, const Path& path) {
  if (!any_lock(tx)) return {};
  auto node = find(tx, caller, place, path);
  // A new member changes the folder it comes into.
  if (!node && !path.empty()) node = find(tx, caller, place, Path(path.begin(), path.end() - 1));
  if (!node) return {};
  return check_locks(tx, caller, node->id);
}

namespace internal {

void end_locks(store::WriteTx& tx, NodeId node) {
  if (!tx.query(R"sql(SELECT 1 FROM node_lock ORDER BY id LIMIT 1)sql").next()) return;
  tx.execute(R"sql(
    WITH RECURSIVE up(lock_id, id) AS (
      SELECT id, node_id FROM node_lock UNION ALL
      SELECT up.lock_id, node.parent_id FROM up JOIN node ON node.id = up.id
      WHERE up.id <> 1 AND up.id <> ?1)
    DELETE FROM node_lock WHERE id IN (SELECT lock_id FROM up WHERE up.id = ?1))sql",
             node);
}

}  // namespace internal

}  // namespace essaim::files
