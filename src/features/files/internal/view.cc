#include "features/files/internal/view.h"

#include <algorithm>

#include "base/core/check.h"

namespace essaim::files::internal {

namespace {

// Columns from `at` on: node_id, parent_id, name, rights, until, seq.
Mount from_row(const sqlite::Rows& row, int at = 0) {
  Mount out{{row.int64(at)},
            {row.int64(at + 1)},
            std::string(row.text(at + 2)),
            access::rights_of(row.int64(at + 3)),
            std::nullopt,
            row.int64(at + 5)};
  if (!row.null(at + 4)) out.until = Instant{row.int64(at + 4)};
  return out;
}

std::vector<Mount> all(sqlite::Rows rows) {
  std::vector<Mount> out;
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

}  // namespace

std::vector<Mount> mounts_of(store::ReadTx& tx, MemberId member) {
  return all(tx.query(R"sql(
    SELECT node_id, parent_id, name, rights, until, seq FROM mount
    WHERE member_id = ? ORDER BY node_id LIMIT ?)sql",
                      member, access::kGrantsMax));
}

std::optional<Mount> mount_named(store::ReadTx& tx, MemberId member, NodeId folder,
                                 std::string_view name) {
  auto rows = tx.query(R"sql(
    SELECT node_id, parent_id, name, rights, until, seq FROM mount
    WHERE member_id = ? AND parent_id = ? AND name = ?)sql",
                       member, folder, name);
  if (!rows.next()) return std::nullopt;
  return from_row(rows);
}

std::optional<Mount> mount_at(store::ReadTx& tx, MemberId member, NodeId node) {
  auto rows = tx.query(R"sql(
    SELECT node_id, parent_id, name, rights, until, seq FROM mount
    WHERE member_id = ? AND node_id = ?)sql",
                       member, node);
  if (!rows.next()) return std::nullopt;
  return from_row(rows);
}

bool mounted_name(store::ReadTx& tx, NodeId folder, std::string_view name) {
  return tx
      .query(R"sql(SELECT 1 FROM mount WHERE parent_id = ? AND name = ? LIMIT 1)sql", folder, name)
      .next();
}

Node home_of(store::ReadTx& tx, const access::Caller& caller) {
  auto node = by_id(tx, caller.home);
  CHECK(node);
  node->standing.rights = access::home_rights(caller.role);
  node->standing.place = caller.home;
  return std::move(*node);
}

void stand_below(Node& child, const Node& folder, const access::Rights& own) {
  child.standing = folder.standing;
  child.standing.mount_root = false;
  if (own.any()) child.standing.rights = folder.standing.rights | own;
  if (child.is_folder()) child.seq = std::max(child.seq, child.standing.since);
}

void stand_like(Node& node, const Node& before, bool below) {
  if (below) {
    stand_below(node, before, {});
  } else {
    node.standing = before.standing;
    node.name = before.name;
  }
}

namespace {

// Its rights may be fewer than the mount says.
bool is_stale(store::ReadTx& tx, const Mount& mount) {
  return mount.until && *mount.until <= tx.now();
}

std::optional<Node> seen_with(const access::Rights& rights, const Top& top, const Mount& mount,
                              Node node) {
  node.standing.rights = rights;
  if (!rights.any() || top.kind != Top::Kind::place) return std::nullopt;
  node.standing.place = top.place;
  node.standing.via = top.place == node.id ? Via::place : Via::share;
  node.standing.mount_root = true;
  node.standing.since = mount.seq;
  node.name = mount.name;
  node.parent = mount.parent;
  if (node.standing.rights.read) {
    if (node.is_folder()) node.seq = std::max(node.seq, mount.seq);
  } else {
    // Whoever may only drop things in learns nothing of what is there.
    node.seq = mount.seq;
    node.size = node.files = node.kept = 0;
    // CLIENT: the desktop (3.7.3) syncs nothing whose time is not after 1970.
    node.mtime = 1;
    node.created = 0;
  }
  return node;
}

// What the mounts in a folder lie in at last, each folder above them read once.
class Tops {
 public:
  Tops(store::ReadTx& tx, MemberId member, NodeId folder) {
    auto rows = tx.query(R"sql(
      WITH RECURSIVE up(id, parent_id, name) AS (
        SELECT node.id, node.parent_id, CASE node.parent_id WHEN 1 THEN node.name END
        FROM mount JOIN node ON node.id = mount.node_id
        WHERE mount.member_id = ?1 AND mount.parent_id = ?2
        UNION
        SELECT node.id, node.parent_id, CASE node.parent_id WHEN 1 THEN node.name END
        FROM up JOIN node ON node.id = up.parent_id WHERE up.parent_id <> 1)
      SELECT id, parent_id, name FROM up ORDER BY id LIMIT ?3)sql",
                         member, folder, access::kGrantsMax * kDepthMax);
    while (rows.next()) {
      NodeId id{rows.int64(0)};
      NodeId parent{rows.int64(1)};
      if (parent == NodeId{1}) tops_[id.value] = top_at(id, rows.text(2));
      if (parent != NodeId{1}) parents_[id.value] = parent.value;
    }
  }

  Top of(NodeId node) const {
    std::int64_t id = node.value;
    for (auto up = parents_.find(id); up != parents_.end(); up = parents_.find(id)) id = up->second;
    auto top = tops_.find(id);
    return top == tops_.end() ? Top{} : top->second;
  }

 private:
  std::unordered_map<std::int64_t, std::int64_t> parents_;
  std::unordered_map<std::int64_t, Top> tops_;
};

}  // namespace

std::optional<Node> through(store::ReadTx& tx, const access::Caller& caller, const Mount& mount,
                            Node node) {
  bool stale = is_stale(tx, mount);
  auto rights = stale ? access::granted(tx, caller, node.id).rights : mount.rights;
  return seen_with(rights, top_of(tx, node.id), mount, std::move(node));
}

std::vector<Node> mounted_in(store::ReadTx& tx, const access::Caller& caller, NodeId folder) {
  std::vector<std::pair<Mount, Node>> found;
  std::vector<NodeId> stale;
  auto rows = tx.query(R"sql(
    SELECT node.id, node.parent_id, node.name, kind, size, files, mtime, created, uploaded,
           node.seq, blob, checksum, kept, grants, given,
           mount.node_id, mount.parent_id, mount.name, rights, until, mount.seq,
           favorite.node_id IS NOT NULL
    FROM mount CROSS JOIN node ON node.id = mount.node_id
    LEFT JOIN favorite ON favorite.member_id = mount.member_id AND favorite.node_id = node.id
    WHERE mount.member_id = ? AND mount.parent_id = ? ORDER BY mount.name LIMIT ?)sql",
                       caller.member, folder, access::kGrantsMax);
  while (rows.next()) {
    auto& [mount, node] = found.emplace_back(from_row(rows, 15), node_of(rows));
    node.favorite = rows.int64(21) != 0;
    if (is_stale(tx, mount)) stale.push_back(node.id);
  }
  if (found.empty()) return {};
  Tops tops(tx, caller.member, folder);
  std::unordered_map<std::int64_t, access::Rights> fresh;
  if (!stale.empty()) fresh = access::granted_to(tx, caller, stale);
  std::vector<Node> out;
  out.reserve(found.size());
  for (auto& [mount, node] : found) {
    auto rights = is_stale(tx, mount) ? fresh[node.id.value] : mount.rights;
    auto top = tops.of(node.id);
    if (auto seen = seen_with(rights, top, mount, std::move(node))) out.push_back(std::move(*seen));
  }
  return out;
}

std::optional<Node> look(store::ReadTx& tx, const access::Caller& caller, const Node& folder,
                         std::string_view name) {
  if (!folder.standing.rights.read) return std::nullopt;
  bool at_home = folder.standing.place == caller.home;
  if (at_home) {
    if (auto mount = mount_named(tx, caller.member, folder.id, name)) {
      auto node = by_id(tx, mount->node);
      CHECK(node);
      return through(tx, caller, *mount, std::move(*node));
    }
  }
  auto found = child(tx, folder.id, name);
  if (!found) return std::nullopt;
  access::Rights own;
  if (found->grants > 0 && !at_home) own = access::granted_on(tx, caller, found->id);
  stand_below(*found, folder, own);
  return found;
}

std::unordered_map<std::int64_t, Seq> mounted_seqs(store::ReadTx& tx,
                                                   const access::Caller& caller) {
  std::unordered_map<std::int64_t, Seq> out;
  auto rows = tx.query(R"sql(
    WITH RECURSIVE up(id, seq) AS (
      SELECT mount.parent_id,
             max(CASE WHEN mount.rights & 1 THEN max(mount.seq, node.seq) ELSE mount.seq END)
      FROM mount JOIN node ON node.id = mount.node_id WHERE mount.member_id = ?1
      GROUP BY mount.parent_id UNION ALL
      SELECT node.parent_id, up.seq FROM up JOIN node ON node.id = up.id WHERE up.id <> ?2)
    SELECT id, max(seq) FROM up GROUP BY id ORDER BY id LIMIT ?3)sql",
                       caller.member, caller.home, access::kGrantsMax);
  while (rows.next()) out[rows.int64(0)] = rows.int64(1);
  return out;
}

void raise_seq(store::ReadTx& tx, const access::Caller& caller, Node& folder) {
  if (!folder.is_folder() || folder.standing.place != caller.home) return;
  auto seqs = mounted_seqs(tx, caller);
  if (auto found = seqs.find(folder.id.value); found != seqs.end()) {
    folder.seq = std::max(folder.seq, found->second);
  }
}

Located locate(store::ReadTx& tx, NodeId node) {
  Located out;
  out.top = top_of(tx, node);
  auto rows = tx.query(R"sql(
    WITH RECURSIVE up(id, level) AS (
      SELECT ?1, 0 UNION ALL
      SELECT node.parent_id, up.level + 1 FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    SELECT node.name FROM up JOIN node ON node.id = up.id
    WHERE node.id <> 1 AND node.parent_id <> 1 ORDER BY up.level LIMIT ?2)sql",
                       node, kDepthMax);
  while (rows.next()) out.path.emplace_back(rows.text(0));
  std::ranges::reverse(out.path);
  return out;
}

}  // namespace essaim::files::internal
