#include "features/files/internal/history.h"

#include <optional>
#include <string>
#include <vector>

#include "features/files/versions.h"

namespace essaim::files::internal {

namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kWeek = 7 * kDay;
// Labelled versions in a row whose times would be the name of another.
constexpr int kSameTimeMax = 100;

struct Rule {
  std::int64_t younger_than;  // seconds since it was replaced
  std::int64_t span;          // seconds; each divides the next, so that what goes once stays gone
};
constexpr Rule kRules[] = {
    {10, 2}, {kMinute, 10}, {kHour, kMinute}, {kDay, kHour}, {30 * kDay, kDay}};

struct Row {
  std::int64_t mtime;
  ByteCount size;
  std::string blob;
  bool labelled;
  std::int64_t kept_at;
};

std::optional<Row> row_at(store::ReadTx& tx, NodeId file, std::int64_t mtime) {
  auto rows = tx.query(R"sql(
    SELECT mtime, size, blob, label <> '', kept_at FROM version
    WHERE node_id = ? AND mtime = ?)sql",
                       file, mtime);
  if (!rows.next()) return std::nullopt;
  return Row{rows.int64(0), rows.int64(1), std::string(rows.text(2)), rows.int64(3) != 0,
             rows.int64(4)};
}

// The newest version before `mtime`.
std::optional<Row> row_before(store::ReadTx& tx, NodeId file, std::int64_t mtime) {
  auto rows = tx.query(R"sql(
    SELECT mtime, size, blob, label <> '', kept_at FROM version
    WHERE node_id = ? AND mtime < ? ORDER BY mtime DESC LIMIT 1)sql",
                       file, mtime);
  if (!rows.next()) return std::nullopt;
  return Row{rows.int64(0), rows.int64(1), std::string(rows.text(2)), rows.int64(3) != 0,
             rows.int64(4)};
}

std::vector<Row> rows_of(store::ReadTx& tx, NodeId file) {
  std::vector<Row> out;
  auto rows = tx.query(R"sql(
    SELECT mtime, size, blob, label <> '', kept_at FROM version
    WHERE node_id = ? ORDER BY mtime DESC LIMIT ?)sql",
                       file, 2 * kVersionsPerFileMax);
  while (rows.next()) {
    out.push_back({rows.int64(0), rows.int64(1), std::string(rows.text(2)), rows.int64(3) != 0,
                   rows.int64(4)});
  }
  return out;
}

void insert(store::WriteTx& tx, const Node& node, std::int64_t mtime) {
  tx.execute(R"sql(
    INSERT INTO version(node_id, mtime, size, blob, checksum, author, kept_at)
    SELECT id, ?, size, blob, checksum, author, ? FROM node WHERE id = ?)sql",
             mtime, tx.now().ms, node.id);
}

}  // namespace

std::int64_t span_of(Duration age) {
  std::int64_t seconds = age.count() / 1000;
  for (const Rule& rule : kRules) {
    if (seconds < rule.younger_than) return rule.span;
  }
  return kWeek;
}

void drop_version(store::WriteTx& tx, blobs::Store& blobs, NodeId file, std::int64_t mtime,
                  std::string_view blob) {
  blobs.drop_ref(tx, blob);
  tx.execute(R"sql(DELETE FROM version WHERE node_id = ? AND mtime = ?)sql", file, mtime);
}

ByteCount keep_version(store::WriteTx& tx, blobs::Store& blobs, const Node& node) {
  ByteCount grown = node.size;
  std::int64_t mtime = node.mtime;
  for (int tries = 0;; ++tries) {
    auto there = row_at(tx, node.id, mtime);
    if (!there) break;
    if (there->blob == node.blob || tries == kSameTimeMax) {
      blobs.drop_ref(tx, node.blob);
      return 0;
    }
    if (!there->labelled) {
      // Two contents of one second: the later one stays.
      drop_version(tx, blobs, node.id, mtime, there->blob);
      grown -= there->size;
      break;
    }
    ++mtime;
  }
  auto before = row_before(tx, node.id, mtime);
  insert(tx, node, mtime);
  if (!before) return grown;
  if (before->kept_at / 1000 / kMinute != tx.now().seconds() / kMinute) {
    return grown - thin_file(tx, blobs, node.id);
  }
  // Many saves in a row: only the one before can be too close.
  std::int64_t span = span_of(Duration{0});
  if (before->labelled || before->mtime / span != mtime / span) return grown;
  drop_version(tx, blobs, node.id, before->mtime, before->blob);
  return grown - before->size;
}

ByteCount thin_file(store::WriteTx& tx, blobs::Store& blobs, NodeId file) {
  ByteCount gone = 0;
  int stay = 0;
  std::optional<std::int64_t> newer;  // the last that stays, of those without a label
  for (const Row& row : rows_of(tx, file)) {
    if (row.labelled) continue;
    std::int64_t span = span_of(Duration{tx.now().ms - row.kept_at});
    bool close = newer && *newer / span == row.mtime / span;
    if (close || stay == kVersionsPerFileMax) {
      drop_version(tx, blobs, file, row.mtime, row.blob);
      gone += row.size;
    } else {
      newer = row.mtime;
      ++stay;
    }
  }
  return gone;
}

}  // namespace essaim::files::internal
