#include "features/files/quota.h"

#include <algorithm>

#include "base/core/check.h"
#include "space/store/space.h"

namespace essaim::files {

namespace {

ByteCount used_by_place(store::ReadTx& tx, const access::Place& place) {
  auto rows = tx.query(R"sql(SELECT bytes FROM usage WHERE place = ?)sql", place.root);
  return rows.next() ? rows.int64(0) : 0;
}

}  // namespace

ByteCount used_by_space(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT coalesce(sum(bytes), 0) FROM usage)sql");
  CHECK(rows.next());
  return rows.int64(0);
}

Quota quota(store::ReadTx& tx, const access::Caller& caller, const access::Place& place) {
  Quota out;
  out.used = used_by_place(tx, place);
  out.available = store::quota(tx) - used_by_space(tx);
  if (caller.quota_bytes) out.available = std::min(out.available, *caller.quota_bytes - out.used);
  out.available = std::max<ByteCount>(out.available, 0);
  return out;
}

Result<void> check_quota(store::ReadTx& tx, const access::Caller& caller,
                         const access::Place& place, ByteCount more) {
  if (more <= 0) return {};
  if (more > quota(tx, caller, place).available) {
    return fail(Code::quota_exceeded, "not enough room");
  }
  return {};
}

std::vector<std::string> recount(store::ReadTx& tx) {
  constexpr int kReportMax = 100;
  std::vector<std::string> out;
  auto places = tx.query(R"sql(
    WITH RECURSIVE down(place, id) AS (
      SELECT place, place FROM usage UNION ALL
      SELECT down.place, node.id FROM node JOIN down ON node.parent_id = down.id),
    real(place, bytes, files) AS (
      SELECT down.place, sum(node.size), count(*) FROM down JOIN node ON node.id = down.id
      WHERE node.kind = 2 GROUP BY down.place)
    SELECT usage.place, usage.bytes, usage.files, coalesce(real.bytes, 0), coalesce(real.files, 0)
    FROM usage LEFT JOIN real ON real.place = usage.place
    WHERE usage.bytes <> coalesce(real.bytes, 0) OR usage.files <> coalesce(real.files, 0)
    ORDER BY usage.place LIMIT ?)sql",
                         kReportMax);
  while (places.next()) {
    out.push_back("usage of place " + std::to_string(places.int64(0)) + " says " +
                  std::to_string(places.int64(1)) + " bytes in " + std::to_string(places.int64(2)) +
                  " files, counted " + std::to_string(places.int64(3)) + " in " +
                  std::to_string(places.int64(4)));
  }
  auto folders = tx.query(R"sql(
    SELECT folder.id, folder.size, coalesce(sum(child.size), 0) AS real_bytes, folder.files,
           coalesce(sum(CASE child.kind WHEN 2 THEN 1 ELSE child.files END), 0) AS real_files
    FROM node AS folder LEFT JOIN node AS child
      ON child.parent_id = folder.id AND child.id <> folder.id AND child.id <> 2
    WHERE folder.kind = 1 AND folder.id <> 2
    GROUP BY folder.id HAVING folder.size <> real_bytes OR folder.files <> real_files
    ORDER BY folder.id LIMIT ?)sql",
                          kReportMax);
  while (folders.next()) {
    out.push_back("folder " + std::to_string(folders.int64(0)) + " says " +
                  std::to_string(folders.int64(1)) + " bytes in " +
                  std::to_string(folders.int64(3)) + " files, its children have " +
                  std::to_string(folders.int64(2)) + " in " + std::to_string(folders.int64(4)));
  }
  return out;
}

}  // namespace essaim::files
