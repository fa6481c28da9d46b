#include "features/files/internal/tree.h"

#include <algorithm>

#include "base/core/check.h"
#include "base/text/text.h"
#include "features/files/internal/view.h"

namespace essaim::files::internal {

Node node_of(const sqlite::Rows& row) {
  Node node;
  node.id = {row.int64(0)};
  node.parent = {row.int64(1)};
  node.name = row.text(2);
  node.kind = static_cast<Kind>(row.int64(3));
  node.size = row.int64(4);
  node.files = row.int64(5);
  node.mtime = row.int64(6);
  node.created = row.int64(7);
  node.uploaded = row.int64(8);
  node.seq = row.int64(9);
  node.blob = row.text(10);
  node.checksum = row.text(11);
  node.kept = row.int64(12);
  node.grants = row.int64(13);
  node.given = row.int64(14);
  return node;
}

std::optional<Node> child(store::ReadTx& tx, NodeId folder, std::string_view name) {
  auto rows = tx.query(R"sql(
    SELECT id, parent_id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum,
           kept, grants, given
    FROM node WHERE parent_id = ? AND name = ?)sql",
                       folder, name);
  if (!rows.next()) return std::nullopt;
  return node_of(rows);
}

std::optional<Node> by_id(store::ReadTx& tx, NodeId id) {
  auto rows = tx.query(R"sql(
    SELECT id, parent_id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum,
           kept, grants, given
    FROM node WHERE id = ?)sql",
                       id);
  if (!rows.next()) return std::nullopt;
  return node_of(rows);
}

Result<Spot> spot(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                  const Path& path) {
  if (path.empty()) return fail(Code::forbidden, "the root of a place stays");
  auto parent = files::find(tx, caller, place, Path(path.begin(), path.end() - 1));
  if (!parent || !parent->is_folder()) return fail(Code::conflict, "no such parent folder");
  Spot out{std::move(*parent), path.back(), std::nullopt};
  if (!out.parent.standing.rights.read) {
    // Whoever only drops things in does not learn which names are taken.
    TRY_VOID(check_name(out.name));
    out.name = TRY(free_name(tx, out.parent.id, out.name));
    return out;
  }
  out.existing = look(tx, caller, out.parent, out.name);
  if (!out.existing && out.parent.standing.place != caller.home &&
      mounted_name(tx, out.parent.id, out.name)) {
    // Its owner has something else mounted there, and would see only one of the two.
    return fail(Code::forbidden, "the owner of the folder uses this name");
  }
  // A name that was allowed once stays reachable.
  if (!out.existing) TRY_VOID(check_name(out.name));
  return out;
}

void touch_up(store::WriteTx& tx, NodeId folder, Seq seq, Delta delta) {
  tx.execute(R"sql(
    WITH RECURSIVE up(id) AS (
      SELECT ?1 UNION ALL
      SELECT node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    UPDATE node SET seq = max(seq, ?2), size = size + ?3, files = files + ?4, kept = kept + ?5,
                    mtime = ?6, grants = grants + ?7
    WHERE id IN (SELECT id FROM up))sql",
             folder, seq, delta.bytes, delta.files, delta.kept, tx.now().seconds(), delta.grants);
}

void count_up(store::WriteTx& tx, NodeId node, Delta delta) {
  tx.execute(R"sql(
    WITH RECURSIVE up(id) AS (
      SELECT ?1 UNION ALL
      SELECT node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    UPDATE node SET size = size + ?2, files = files + ?3, kept = kept + ?4, grants = grants + ?5
    WHERE id IN (SELECT id FROM up))sql",
             node, delta.bytes, delta.files, delta.kept, delta.grants);
}

void add_usage(store::WriteTx& tx, NodeId place, Delta delta) {
  ByteCount bytes = delta.bytes + delta.kept;
  if (bytes == 0 && delta.files == 0) return;
  tx.execute(R"sql(
    INSERT INTO usage(place, bytes, files) VALUES (?1, ?2, ?3)
    ON CONFLICT(place) DO UPDATE SET bytes = bytes + ?2, files = files + ?3)sql",
             place, bytes, delta.files);
}

Result<void> check_room(store::ReadTx& tx, NodeId folder) {
  // Ids are never given twice: as long as few were given, no folder can be full, and nothing needs
  // counting.
  auto last = tx.query("SELECT max(id) FROM node");
  if (last.next() && last.int64(0) < kChildrenMax) return {};
  auto counts = count_children(tx, folder);
  if (counts.folders + counts.files >= kChildrenMax) {
    return fail(Code::too_large, "the folder has its highest number of entries");
  }
  return {};
}

std::string numbered_name(const std::string& name, const std::string& mark) {
  auto dot = name.rfind('.');
  if (dot == 0 || dot == std::string::npos) dot = name.size();
  std::string ending = name.substr(dot);
  if (ending.size() + mark.size() >= kNameMax) return {};
  std::size_t room = kNameMax - ending.size() - mark.size();
  std::size_t cut = std::min(dot, room);
  // Not in the middle of a character.
  while (cut > 0 && cut < dot && (static_cast<unsigned char>(name[cut]) & 0xC0) == 0x80) --cut;
  return name.substr(0, cut) + mark + ending;
}

Result<std::string> free_name(store::ReadTx& tx, NodeId folder, const std::string& name) {
  constexpr int kTriesMax = 10'000;
  std::string out = name;
  for (int number = 2; child(tx, folder, out) || mounted_name(tx, folder, out); ++number) {
    if (number > kTriesMax) return fail(Code::exists, "all names are taken");
    out = numbered_name(name, " (" + std::to_string(number) + ")");
    if (out.empty()) return fail(Code::exists, "the name is taken and too long for another");
  }
  return out;
}

Delta whole(const Node& node) {
  return {node.size, node.file_count(), node.kept, node.grants};
}

Delta without(const Node& node) {
  return {-node.size, -node.file_count(), -node.kept, -node.grants};
}

Top top_of(store::ReadTx& tx, NodeId node) {
  auto rows = tx.query(R"sql(
    WITH RECURSIVE up(id) AS (
      SELECT ?1 UNION ALL
      SELECT node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    SELECT node.id, node.name FROM up JOIN node ON node.id = up.id
    WHERE node.parent_id = 1 AND node.id <> 1 ORDER BY node.id LIMIT 1)sql",
                       node);
  if (!rows.next()) return {};
  return top_at({rows.int64(0)}, rows.text(1));
}

Top top_at(NodeId id, std::string_view name) {
  if (id == kPurge) return {};
  if (!name.starts_with(kBinPrefix)) return {Top::Kind::place, id};
  name.remove_prefix(kBinPrefix.size());
  auto place = text::to_int64(name);
  CHECK(place);
  return {Top::Kind::bin, {*place}};
}

NodeId insert_folder(store::WriteTx& tx, NodeId parent, std::string_view name) {
  std::int64_t now = tx.now().seconds();
  tx.execute(R"sql(
    INSERT INTO node(parent_id, name, kind, mtime, uploaded, seq, own_seq)
    VALUES (?, ?, 1, ?, ?, 0, 0))sql",
             parent, name, now, now);
  NodeId id{tx.last_insert_rowid()};
  Seq seq = journal::append(tx, id, journal::Op::created);
  touch_up(tx, id, seq, {});
  tx.execute(R"sql(UPDATE node SET own_seq = ? WHERE id = ?)sql", seq, id);
  return id;
}

}  // namespace essaim::files::internal
