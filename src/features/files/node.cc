#include "features/files/node.h"

#include <algorithm>

#include "base/core/check.h"
#include "base/text/text.h"
#include "features/files/internal/tree.h"

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

Result<Node> find(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                  const Path& path) {
  if (!place.rights.read) return fail(Code::not_found, "place not readable");
  auto node = internal::by_id(tx, place.root);
  CHECK(node);
  for (const std::string& name : path) {
    node = internal::child(tx, node->id, name);
    if (!node) return fail(Code::not_found, "no such node");
  }
  auto star = tx.query(R"sql(SELECT 1 FROM favorite WHERE member_id = ? AND node_id = ?)sql",
                       caller.member, node->id);
  node->favorite = star.next();
  return std::move(*node);
}

Result<Node> find_by_id(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                        NodeId id) {
  TRY_VOID(path_of(tx, place, id));
  if (!place.rights.read) return fail(Code::not_found, "place not readable");
  auto node = internal::by_id(tx, id);
  CHECK(node);
  auto star = tx.query(R"sql(SELECT 1 FROM favorite WHERE member_id = ? AND node_id = ?)sql",
                       caller.member, id);
  node->favorite = star.next();
  return std::move(*node);
}

Result<Path> path_of(store::ReadTx& tx, const access::Place& place, NodeId id) {
  Path path;
  bool inside = false;
  auto rows = tx.query(R"sql(
    WITH RECURSIVE up(id, level) AS (
      SELECT ?1, 0 UNION ALL
      SELECT node.parent_id, up.level + 1 FROM node JOIN up ON node.id = up.id
      WHERE up.id <> ?2 AND up.id <> 1)
    SELECT node.id, node.name FROM up JOIN node ON node.id = up.id ORDER BY up.level LIMIT ?3)sql",
                       id, place.root, kDepthMax);
  while (rows.next()) {
    inside = rows.int64(0) == place.root.value;
    if (!inside) path.emplace_back(rows.text(1));
  }
  if (!inside) return fail(Code::not_found, "not in this place");
  std::ranges::reverse(path);
  return path;
}

std::vector<Node> children(store::ReadTx& tx, const access::Caller& caller, NodeId folder) {
  std::vector<Node> out;
  auto rows = tx.query(R"sql(
    SELECT id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum, kept,
           EXISTS (SELECT 1 FROM favorite WHERE member_id = ?1 AND node_id = node.id)
    FROM node WHERE parent_id = ?2 AND id <> ?2 ORDER BY name LIMIT ?3)sql",
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
    node.favorite = rows.int64(12) != 0;
  }
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
