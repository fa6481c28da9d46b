#include "features/files/node.h"

#include <algorithm>

#include "base/core/check.h"
#include "base/text/text.h"
#include "features/files/internal/view.h"

namespace essaim::files {

namespace {

bool unwritable(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || c == '/' || c == '\\';
}

// U+FFFE and U+FFFF are no XML characters: a listing could not show them.
bool holds_noncharacter(std::string_view name) {
  return name.find("\xEF\xBF\xBE") != std::string_view::npos ||
         name.find("\xEF\xBF\xBF") != std::string_view::npos;
}

}  // namespace

Result<void> check_name(std::string_view name) {
  if (name.empty() || name == "." || name == "..") {
    return fail(Code::invalid_name, "The name is empty or reserved.");
  }
  if (name.size() > kNameMax) return fail(Code::invalid_name, "The name is longer than 250 bytes.");
  if (std::ranges::any_of(name, unwritable) || holds_noncharacter(name)) {
    return fail(Code::invalid_name, "The name has a character that is not allowed.");
  }
  std::string lower = text::lower_ascii(name);
  bool forbidden = lower == kForbiddenName;
  for (std::string_view ending : kForbiddenEndings) forbidden |= lower.ends_with(ending);
  if (forbidden) return fail(Code::invalid_name, "This name is reserved.");
  return {};
}

namespace {

void mark_favorite(store::ReadTx& tx, const access::Caller& caller, Node& node) {
  auto star = tx.query(R"sql(SELECT 1 FROM favorite WHERE member_id = ? AND node_id = ?)sql",
                       caller.member, node.id);
  node.favorite = star.next();
}

// The route from a node up to the caller's home: through the home itself, or through a mount.
struct Route {
  Path names;  // below the home, or below the mount
  std::optional<internal::Mount> mount;
  bool home = false;
};

Result<Route> route_to(store::ReadTx& tx, const access::Caller& caller, NodeId id) {
  struct Step {
    NodeId id;
    std::string name;
  };
  std::vector<Step> steps;
  {
    auto rows = tx.query(R"sql(
      WITH RECURSIVE up(id, level) AS (
        SELECT ?1, 0 UNION ALL
        SELECT node.parent_id, up.level + 1 FROM node JOIN up ON node.id = up.id
        WHERE up.id <> ?2 AND up.id <> 1)
      SELECT node.id, node.name FROM up JOIN node ON node.id = up.id
      ORDER BY up.level LIMIT ?3)sql",
                         id, caller.home, kDepthMax);
    while (rows.next()) steps.push_back({{rows.int64(0)}, std::string(rows.text(1))});
  }
  Route out;
  for (Step& step : steps) {
    out.home = step.id == caller.home;
    if (out.home) break;
    if (out.mount = internal::mount_at(tx, caller.member, step.id); out.mount) break;
    out.names.push_back(std::move(step.name));
  }
  if (!out.home && !out.mount) return fail(Code::not_found, "by no route");
  std::ranges::reverse(out.names);
  return out;
}

}  // namespace

Result<Node> find(store::ReadTx& tx, const access::Caller& caller, const access::Place&,
                  const Path& path) {
  Node node = internal::home_of(tx, caller);
  for (const std::string& name : path) {
    auto next = internal::look(tx, caller, node, name);
    if (!next) return fail(Code::not_found, "no such node");
    node = std::move(*next);
  }
  internal::raise_seq(tx, caller, node);
  mark_favorite(tx, caller, node);
  return node;
}

Result<Node> nearest(store::ReadTx& tx, const access::Caller& caller, const access::Place&,
                     const Path& path) {
  Node node = internal::home_of(tx, caller);
  for (const std::string& name : path) {
    auto next = internal::look(tx, caller, node, name);
    if (!next || !next->is_folder()) break;
    node = std::move(*next);
  }
  return node;
}

Result<Node> find_by_id(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                        NodeId id) {
  return find(tx, caller, place, TRY(path_of(tx, caller, place, id)));
}

Result<Path> path_of(store::ReadTx& tx, const access::Caller& caller, const access::Place&,
                     NodeId id) {
  auto route = TRY(route_to(tx, caller, id));
  if (!route.mount) return route.names;
  // A mount lies in the home, never in another mount.
  auto way = TRY(route_to(tx, caller, route.mount->parent));
  way.names.push_back(route.mount->name);
  way.names.insert(way.names.end(), route.names.begin(), route.names.end());
  return way.names;
}

namespace {

// The rows below a folder; their standing is still unset.
std::vector<Node> child_rows(store::ReadTx& tx, const access::Caller& caller, NodeId folder) {
  std::vector<Node> out;
  auto rows = tx.query(R"sql(
    SELECT id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum, kept, grants,
           given, favorite.node_id IS NOT NULL
    FROM node LEFT JOIN favorite ON member_id = ?1 AND node_id = node.id
    WHERE parent_id = ?2 AND id <> ?2 ORDER BY name LIMIT ?3)sql",
                       caller.member, folder, kChildrenMax);
  while (rows.next()) {
    Node& node = out.emplace_back();
    node.id = {rows.int64(0)};
    node.parent = folder;
    node.name = rows.text(1);
    node.kind = static_cast<Kind>(rows.int64(2));
    node.size = rows.int64(3);
    node.files = rows.int64(4);
    node.mtime = rows.int64(5);
    node.created = rows.int64(6);
    node.uploaded = rows.int64(7);
    node.seq = rows.int64(8);
    node.blob = rows.text(9);
    node.checksum = rows.text(10);
    node.kept = rows.int64(11);
    node.grants = rows.int64(12);
    node.given = rows.int64(13);
    node.favorite = rows.int64(14) != 0;
  }
  return out;
}

void add_mounts(store::ReadTx& tx, const access::Caller& caller, const Node& folder,
                std::vector<Node>& out) {
  auto seqs = internal::mounted_seqs(tx, caller);
  if (seqs.empty()) return;
  for (Node& child : out) {
    auto found = child.is_folder() ? seqs.find(child.id.value) : seqs.end();
    if (found != seqs.end()) child.seq = std::max(child.seq, found->second);
  }
  if (!seqs.contains(folder.id.value)) return;
  for (Node& node : internal::mounted_in(tx, caller, folder.id)) out.push_back(std::move(node));
}

}  // namespace

std::vector<Node> children(store::ReadTx& tx, const access::Caller& caller, const Node& folder) {
  if (!folder.standing.rights.read) return {};
  auto out = child_rows(tx, caller, folder.id);
  bool at_home = folder.standing.place == caller.home;
  bool given = std::ranges::any_of(out, [](const Node& node) { return node.grants > 0; });
  std::unordered_map<std::int64_t, access::Rights> own;
  if (given && !at_home) own = access::granted_to_children(tx, caller, folder.id);
  for (Node& child : out) {
    auto found = own.empty() ? own.end() : own.find(child.id.value);
    internal::stand_below(child, folder, found == own.end() ? access::Rights{} : found->second);
  }
  if (at_home) add_mounts(tx, caller, folder, out);
  return out;
}

ChildCounts count_children(store::ReadTx& tx, NodeId folder) {
  auto rows = tx.query(R"sql(
    SELECT count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 2)
    FROM node WHERE parent_id = ?1 AND id <> ?1)sql",
                       folder);
  CHECK(rows.next());
  return {rows.int64(0), rows.int64(1)};
}

std::unordered_map<std::int64_t, ChildCounts> count_grandchildren(store::ReadTx& tx,
                                                                  NodeId folder) {
  std::unordered_map<std::int64_t, ChildCounts> out;
  auto rows = tx.query(R"sql(
    SELECT child.id, count(grandchild.id) FILTER (WHERE grandchild.kind = 1),
           count(grandchild.id) FILTER (WHERE grandchild.kind = 2)
    FROM node AS child LEFT JOIN node AS grandchild ON grandchild.parent_id = child.id
    WHERE child.parent_id = ?1 AND child.kind = 1 AND child.id <> ?1
    GROUP BY child.id ORDER BY child.id LIMIT ?2)sql",
                       folder, kChildrenMax);
  while (rows.next()) out[rows.int64(0)] = {rows.int64(1), rows.int64(2)};
  return out;
}

}  // namespace essaim::files
