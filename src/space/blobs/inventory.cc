#include "space/blobs/inventory.h"

namespace essaim::blobs {

std::vector<StoredFile> stored_files(store::ReadTx& tx, std::string_view after, int count) {
  std::vector<StoredFile> files;
  for (auto rows = tx.query(R"sql(
         SELECT hash, size FROM blob WHERE place = 1 AND refs > 0 AND hash > ?
         ORDER BY hash LIMIT ?)sql",
                            after, count);
       rows.next();) {
    files.push_back({std::string(rows.text(0)), rows.int64(1)});
  }
  return files;
}

std::vector<std::string> unreferenced(store::ReadTx& tx, const std::vector<std::string>& hashes) {
  std::vector<std::string> out;
  for (const std::string& hash : hashes) {
    bool held = tx.query(R"sql(SELECT 1 FROM blob WHERE hash = ? AND refs > 0)sql", hash).next();
    if (!held) out.push_back(hash);
  }
  return out;
}

StoredTotal stored_total(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(
    SELECT count(*), coalesce(sum(size), 0) FROM blob WHERE place = 1 AND refs > 0)sql");
  if (!rows.next()) return {};
  return {rows.int64(0), rows.int64(1)};
}

}  // namespace essaim::blobs
