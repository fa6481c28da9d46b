#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/core/check.h"
#include "features/files/change.h"
#include "features/files/internal/bin.h"
#include "features/files/internal/room.h"
#include "features/files/internal/settle.h"
#include "features/files/internal/tell.h"
#include "features/files/locks.h"
#include "features/files/quota.h"

namespace essaim::files {

namespace {

struct Row {
  std::int64_t id;
  std::int64_t parent;
  std::string blob;
};

// Parents before children. One more row than allowed tells "too many".
std::vector<Row> subtree(store::ReadTx& tx, NodeId top, CopyDepth depth) {
  std::vector<Row> out;
  auto rows = tx.query(R"sql(
    WITH RECURSIVE down(id, level) AS (
      SELECT ?1, 0 UNION ALL
      SELECT node.id, down.level + 1 FROM node JOIN down ON node.parent_id = down.id
      WHERE ?2 ORDER BY 2)
    SELECT node.id, node.parent_id, node.blob FROM down JOIN node ON node.id = down.id
    ORDER BY down.level LIMIT ?3)sql",
                       top, depth == CopyDepth::everything ? 1 : 0, kCopyMax + 1);
  while (rows.next()) {
    out.push_back({rows.int64(0), rows.int64(1), std::string(rows.text(2))});
  }
  return out;
}

// One row like `original` under another parent and name. A folder copied alone starts empty.
NodeId copy_row(store::WriteTx& tx, std::int64_t original, NodeId parent,
                const std::optional<std::string>& name, Seq seq, CopyDepth depth) {
  tx.execute(R"sql(
    INSERT INTO node(parent_id, name, kind, size, files, mtime, created, uploaded, seq, own_seq,
                     blob, checksum, author)
    SELECT ?1, coalesce(?2, name), kind, CASE WHEN kind = 1 AND ?3 THEN 0 ELSE size END,
           CASE WHEN ?3 THEN 0 ELSE files END, mtime, created, ?4, ?5, ?5, blob, checksum, author
    FROM node WHERE id = ?6)sql",
             parent, name, depth == CopyDepth::folder_only ? 1 : 0, tx.now().seconds(), seq,
             original);
  NodeId copy{tx.last_insert_rowid()};
  tx.execute(R"sql(
    INSERT INTO node_prop(node_id, member_id, ns, name, value)
    SELECT ?, member_id, ns, name, value FROM node_prop WHERE node_id = ?)sql",
             copy, original);
  return copy;
}

bool starts_with(const Path& path, const Path& prefix) {
  return path.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

}  // namespace

Result<Changed> copy(store::WriteTx& tx, blobs::Store& blobs, const access::Caller& caller,
                     const access::Place& place, const Path& from, const Path& to,
                     Overwrite overwrite, CopyDepth depth) {
  auto node = TRY(find(tx, caller, place, from));
  if (!node.standing.rights.read || !node.standing.rights.download) {
    return fail(Code::forbidden, "no right to have a copy");
  }
  if (starts_with(to, from) && (to.size() == from.size() || node.is_folder())) {
    return fail(Code::forbidden, "onto itself or below itself");
  }
  if (starts_with(from, to)) return fail(Code::forbidden, "onto a folder it is in");
  auto spot = TRY(internal::spot(tx, caller, place, to));
  if (!spot.parent.standing.rights.create) return fail(Code::forbidden, "no right");
  if (spot.existing && overwrite == Overwrite::no) return fail(Code::exists, "target exists");
  if (spot.existing &&
      (spot.existing->standing.mount_root || !spot.existing->standing.rights.remove)) {
    return fail(Code::forbidden, "no right to replace");
  }
  NodeId root = spot.parent.standing.place;
  TRY_VOID(check_locks(tx, caller, spot.parent.id));
  if (spot.existing) TRY_VOID(check_locks_below(tx, caller, spot.existing->id));
  bool alone = node.is_folder() && depth == CopyDepth::folder_only;
  internal::Delta delta{alone ? 0 : node.size, alone ? 0 : node.file_count(), 0};
  ByteCount replaced = spot.existing ? spot.existing->size : 0;
  TRY_VOID(check_quota(tx, root, delta.bytes - replaced));
  auto rows = subtree(tx, node.id, depth);
  if (static_cast<std::int64_t>(rows.size()) > kCopyMax) {
    return fail(Code::too_large, "too many nodes in one copy");
  }
  Seq seq = journal::append(tx, node.id, journal::Op::created);
  if (spot.existing) {
    internal::to_bin(tx, caller, root, *spot.existing, seq);
    internal::rehang(tx, root, seq);
    internal::settle_moved(tx, *spot.existing, seq);
  } else {
    TRY_VOID(internal::check_room(tx, spot.parent.id));
  }
  // After what is replaced went to the bin: it is the first that may go when room is short.
  TRY_VOID(internal::make_room(tx, blobs, root, delta.bytes));

  std::unordered_map<std::int64_t, NodeId> copies;
  for (const Row& row : rows) {
    bool top = row.id == node.id.value;
    NodeId parent = top ? spot.parent.id : copies.at(row.parent);
    copies[row.id] =
        copy_row(tx, row.id, parent, top ? std::optional(spot.name) : std::nullopt, seq, depth);
    if (!row.blob.empty()) blobs.add_ref(tx, row.blob);
  }
  internal::touch_up(tx, spot.parent.id, seq, delta);
  internal::add_usage(tx, root, delta);
  auto made = internal::by_id(tx, copies.at(node.id.value));
  CHECK(made);
  internal::tell(tx, notices::Type::file_created, caller, *made);
  internal::stand_like(*made, spot.parent, true);
  return Changed{std::move(*made), spot.existing ? Outcome::replaced : Outcome::created};
}

}  // namespace essaim::files
