#include <string>
#include <vector>

#include "features/files/change.h"
#include "features/files/comments.h"
#include "features/files/internal/tree.h"
#include "features/notices/notifications.h"

namespace essaim::files {

namespace {

// Removes up to `count` versions of a file; returns how many.
int drop_versions(store::WriteTx& tx, blobs::Store& blobs, NodeId file, int count) {
  std::vector<std::string> contents;
  std::int64_t last = 0;
  {
    auto rows = tx.query(R"sql(
      SELECT mtime, blob FROM version WHERE node_id = ? ORDER BY mtime LIMIT ?)sql",
                         file, count);
    while (rows.next()) {
      last = rows.int64(0);
      contents.emplace_back(rows.text(1));
    }
  }
  if (contents.empty()) return 0;
  for (const std::string& content : contents) blobs.drop_ref(tx, content);
  tx.execute(R"sql(DELETE FROM version WHERE node_id = ? AND mtime <= ?)sql", file, last);
  return static_cast<int>(contents.size());
}

// What told of the comments of a node goes with them.
void dismiss_mentions(store::WriteTx& tx, NodeId node) {
  std::vector<std::int64_t> comments;
  {
    auto rows = tx.query(R"sql(SELECT id FROM comment WHERE node_id = ?)sql", node);
    while (rows.next()) comments.push_back(rows.int64(0));
  }
  for (std::int64_t id : comments) {
    notices::dismiss_object(tx, kCommentObject, std::to_string(id));
  }
}

}  // namespace

int purge(store::WriteTx& tx, blobs::Store& blobs, int count) {
  struct Row {
    NodeId id;
    Kind kind;
    std::string blob;
  };
  std::vector<Row> rows;
  {
    auto found = tx.query(R"sql(
      SELECT id, kind, blob FROM node WHERE parent_id = ? ORDER BY name LIMIT ?)sql",
                          internal::kPurge, count);
    while (found.next()) {
      rows.push_back(
          {{found.int64(0)}, static_cast<Kind>(found.int64(1)), std::string(found.text(2))});
    }
  }
  int done = 0;
  for (const Row& row : rows) {
    if (done >= count) break;
    if (row.kind == Kind::folder) {
      // The children come up to the purge folder, some at a time; the empty folder goes.
      done += static_cast<int>(tx.execute(R"sql(
        UPDATE node SET parent_id = ?1, name = CAST(id AS TEXT) WHERE id IN
          (SELECT id FROM node WHERE parent_id = ?2 ORDER BY name LIMIT ?3))sql",
                                          internal::kPurge, row.id, count - done));
      auto left = tx.query(R"sql(SELECT 1 FROM node WHERE parent_id = ? LIMIT 1)sql", row.id);
      if (left.next()) break;
    } else {
      done += drop_versions(tx, blobs, row.id, count - done);
      auto left = tx.query(R"sql(SELECT 1 FROM version WHERE node_id = ? LIMIT 1)sql", row.id);
      if (left.next()) break;
      blobs.drop_ref(tx, row.blob);
    }
    dismiss_mentions(tx, row.id);
    tx.execute(R"sql(DELETE FROM node WHERE id = ?)sql", row.id);
    ++done;
  }
  return done;
}

}  // namespace essaim::files
