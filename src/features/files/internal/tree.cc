#include "features/files/internal/tree.h"

#include "base/core/check.h"
#include "base/text/text.h"

namespace essaim::files::internal {

namespace {

Node from_row(const sqlite::Rows& row) {
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
  return node;
}

}  // namespace

std::optional<Node> child(store::ReadTx& tx, NodeId folder, std::string_view name) {
  auto rows = tx.query(R"sql(
    SELECT id, parent_id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum,
           kept
    FROM node WHERE parent_id = ? AND name = ?)sql",
                       folder, name);
  if (!rows.next()) return std::nullopt;
  return from_row(rows);
}

std::optional<Node> by_id(store::ReadTx& tx, NodeId id) {
  auto rows = tx.query(R"sql(
    SELECT id, parent_id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum,
           kept
    FROM node WHERE id = ?)sql",
                       id);
  if (!rows.next()) return std::nullopt;
  return from_row(rows);
}

Result<Spot> spot(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                  const Path& path) {
  if (path.empty()) return fail(Code::forbidden, "the root of a place stays");
  auto parent = files::find(tx, caller, place, Path(path.begin(), path.end() - 1));
  if (!parent || !parent->is_folder()) return fail(Code::conflict, "no such parent folder");
  Spot out{std::move(*parent), path.back(), std::nullopt};
  out.existing = child(tx, out.parent.id, out.name);
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
                    mtime = ?6
    WHERE id IN (SELECT id FROM up))sql",
             folder, seq, delta.bytes, delta.files, delta.kept, tx.now().seconds());
}

void count_up(store::WriteTx& tx, NodeId node, Delta delta) {
  tx.execute(R"sql(
    WITH RECURSIVE up(id) AS (
      SELECT ?1 UNION ALL
      SELECT node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    UPDATE node SET size = size + ?2, files = files + ?3, kept = kept + ?4
    WHERE id IN (SELECT id FROM up))sql",
             node, delta.bytes, delta.files, delta.kept);
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

Delta whole(const Node& node) {
  return {node.size, node.file_count(), node.kept};
}

Delta without(const Node& node) {
  return {-node.size, -node.file_count(), -node.kept};
}

Top top_of(store::ReadTx& tx, NodeId node) {
  auto rows = tx.query(R"sql(
    WITH RECURSIVE up(id) AS (
      SELECT ?1 UNION ALL
      SELECT node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    SELECT node.id, node.name FROM up JOIN node ON node.id = up.id
    WHERE node.parent_id = 1 AND node.id <> 1 ORDER BY node.id LIMIT 1)sql",
                       node);
  if (!rows.next() || NodeId{rows.int64(0)} == kPurge) return {Top::Kind::nowhere, {}};
  std::string_view name = rows.text(1);
  if (!name.starts_with(kBinPrefix)) return {Top::Kind::place, {rows.int64(0)}};
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
