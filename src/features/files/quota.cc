#include "features/files/quota.h"

#include <algorithm>

#include "base/core/check.h"
#include "features/files/internal/room.h"
#include "space/store/space.h"

namespace essaim::files {

ByteCount used_by_space(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT coalesce(sum(bytes), 0) FROM usage)sql");
  CHECK(rows.next());
  return rows.int64(0);
}

Quota quota(store::ReadTx& tx, NodeId place) {
  Quota out;
  out.used = internal::used_by_place(tx, place) - internal::releasable(tx, place);
  out.available = store::quota(tx) - used_by_space(tx) + internal::releasable(tx);
  if (auto limit = internal::limit_of(tx, place)) {
    out.available = std::min(out.available, *limit - out.used);
  }
  out.available = std::max<ByteCount>(out.available, 0);
  return out;
}

Result<void> check_quota(store::ReadTx& tx, NodeId place, ByteCount more) {
  if (more <= 0) return {};
  ByteCount free = store::quota(tx) - used_by_space(tx);
  if (auto limit = internal::limit_of(tx, place)) {
    free = std::min(free, *limit - internal::used_by_place(tx, place));
  }
  if (more <= free || more <= quota(tx, place).available) return {};
  return fail(Code::quota_exceeded, "not enough room");
}

namespace {

constexpr int kReportMax = 100;  // sentences of each kind

std::string counted(std::int64_t bytes, std::int64_t files) {
  return std::to_string(bytes) + " bytes in " + std::to_string(files) + " files";
}

void recount_places(store::ReadTx& tx, std::vector<std::string>& out) {
  auto places = tx.query(R"sql(
    WITH RECURSIVE down(place, id) AS (
      SELECT place, place FROM usage UNION ALL
      SELECT usage.place, node.id FROM usage JOIN node
        ON node.parent_id = 1 AND node.name = 'bin-' || usage.place UNION ALL
      SELECT down.place, node.id FROM node JOIN down ON node.parent_id = down.id),
    real(place, bytes, files) AS (
      SELECT down.place, sum(node.size + node.kept), count(*)
      FROM down JOIN node ON node.id = down.id WHERE node.kind = 2 GROUP BY down.place)
    SELECT usage.place, usage.bytes, usage.files, coalesce(real.bytes, 0), coalesce(real.files, 0)
    FROM usage LEFT JOIN real ON real.place = usage.place
    WHERE usage.bytes <> coalesce(real.bytes, 0) OR usage.files <> coalesce(real.files, 0)
    ORDER BY usage.place LIMIT ?)sql",
                         kReportMax);
  while (places.next()) {
    out.push_back("usage of place " + std::to_string(places.int64(0)) + " says " +
                  counted(places.int64(1), places.int64(2)) + ", counted " +
                  counted(places.int64(3), places.int64(4)));
  }
}

void recount_folders(store::ReadTx& tx, std::vector<std::string>& out) {
  auto folders = tx.query(R"sql(
    SELECT folder.id, folder.size, coalesce(sum(child.size), 0) AS real_bytes, folder.files,
           coalesce(sum(CASE child.kind WHEN 2 THEN 1 ELSE child.files END), 0) AS real_files,
           folder.kept, coalesce(sum(child.kept), 0) AS real_kept
    FROM node AS folder LEFT JOIN node AS child
      ON child.parent_id = folder.id AND child.id <> folder.id AND child.id <> 2
    WHERE folder.kind = 1 AND folder.id <> 2 AND folder.parent_id <> 2
    GROUP BY folder.id
    HAVING folder.size <> real_bytes OR folder.files <> real_files OR folder.kept <> real_kept
    ORDER BY folder.id LIMIT ?)sql",
                          kReportMax);
  while (folders.next()) {
    out.push_back("folder " + std::to_string(folders.int64(0)) + " says " +
                  counted(folders.int64(1), folders.int64(3)) + " and " +
                  std::to_string(folders.int64(5)) + " of versions, its children have " +
                  counted(folders.int64(2), folders.int64(4)) + " and " +
                  std::to_string(folders.int64(6)));
  }
}

void recount_versions(store::ReadTx& tx, std::vector<std::string>& out) {
  auto files = tx.query(R"sql(
    SELECT node.id, node.kept, coalesce(sum(version.size), 0) AS real_kept
    FROM node LEFT JOIN version ON version.node_id = node.id
    WHERE node.kind = 2 GROUP BY node.id HAVING node.kept <> real_kept
    ORDER BY node.id LIMIT ?)sql",
                        kReportMax);
  while (files.next()) {
    out.push_back("file " + std::to_string(files.int64(0)) + " says " +
                  std::to_string(files.int64(1)) + " bytes of versions, they have " +
                  std::to_string(files.int64(2)));
  }
}

}  // namespace

std::vector<std::string> recount(store::ReadTx& tx) {
  std::vector<std::string> out;
  recount_places(tx, out);
  recount_folders(tx, out);
  recount_versions(tx, out);
  return out;
}

}  // namespace essaim::files
