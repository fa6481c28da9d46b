#include "features/files/internal/room.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/core/check.h"
#include "features/files/internal/bin.h"
#include "features/files/internal/history.h"
#include "features/files/places.h"
#include "features/files/quota.h"
#include "space/store/space.h"

namespace essaim::files::internal {

namespace {

// Rows that are looked at and cannot go: of what waits to be purged, of other places.
constexpr int kPassedMax = 10'000;

// What could go next.
struct Oldest {
  NodeId node;
  std::int64_t at;  // milliseconds since 1970
};

// The entry that has been in a bin for the longest. Cost: one small read for each bin.
std::optional<Oldest> oldest_in_bins(store::ReadTx& tx, NodeId place) {
  auto rows = tx.query(R"sql(
    SELECT (SELECT node_id FROM trash WHERE bin = folder.id ORDER BY deleted_at, node_id LIMIT 1)
             AS node_id,
           (SELECT deleted_at FROM trash WHERE bin = folder.id ORDER BY deleted_at LIMIT 1) AS at
    FROM node AS folder
    WHERE folder.parent_id = 1 AND folder.name >= 'bin-' AND folder.name < 'bin.'
      AND (?1 = 0 OR folder.name = 'bin-' || ?1) AND at IS NOT NULL
    ORDER BY at LIMIT 1)sql",
                       place);
  if (!rows.next()) return std::nullopt;
  return Oldest{{rows.int64(0)}, rows.int64(1)};
}

struct OldVersion {
  NodeId node;
  std::int64_t at;
  std::int64_t mtime;
  ByteCount size;
  std::string blob;
};

// The oldest versions that may go, some at a time.
class OldVersions {
 public:
  OldVersions(store::ReadTx& tx, NodeId place) : tx_(tx), place_(place) {}
  // None when nothing is left that may go.
  const OldVersion* front() {
    while (true) {
      if (next_ == batch_.size() && !read()) return nullptr;
      const OldVersion& version = batch_[next_];
      Top top = top_of(tx_, version.node);
      if (top.kind != Top::Kind::nowhere && (!place_ || top.place == place_)) {
        of_ = top.place;
        return &version;
      }
      ++next_;
      if (++passed_ > kPassedMax) return nullptr;
    }
  }
  NodeId place_of_front() const { return of_; }
  void pop() { ++next_; }

 private:
  bool read() {
    constexpr int kBatch = 100;
    if (ended_) return false;
    batch_.clear();
    next_ = 0;
    auto rows = tx_.query(R"sql(
      SELECT node_id, kept_at, mtime, size, blob FROM version
      WHERE label = '' AND (kept_at, node_id, mtime) > (?, ?, ?)
      ORDER BY kept_at, node_id, mtime LIMIT ?)sql",
                          last_.at, last_.node, last_.mtime, kBatch);
    while (rows.next()) {
      batch_.push_back({{rows.int64(0)},
                        rows.int64(1),
                        rows.int64(2),
                        rows.int64(3),
                        std::string(rows.text(4))});
    }
    ended_ = batch_.size() < kBatch;
    if (!batch_.empty()) last_ = batch_.back();
    return !batch_.empty();
  }

  store::ReadTx& tx_;
  NodeId place_;
  NodeId of_;
  std::vector<OldVersion> batch_;
  std::size_t next_ = 0;
  OldVersion last_{{0}, INT64_MIN, 0, 0, {}};
  int passed_ = 0;
  bool ended_ = false;
};

ByteCount release(store::WriteTx& tx, blobs::Store& blobs, NodeId place,
                  const OldVersion& version) {
  drop_version(tx, blobs, version.node, version.mtime, version.blob);
  count_up(tx, version.node, {0, 0, -version.size});
  add_usage(tx, place, {0, 0, -version.size});
  return version.size;
}

}  // namespace

LetGo let_oldest_go(store::WriteTx& tx, blobs::Store& blobs, NodeId place, ByteCount bytes,
                    int count) {
  LetGo gone;
  OldVersions versions(tx, place);
  while (gone.bytes < bytes && gone.count < count) {
    auto entry = oldest_in_bins(tx, place);
    const OldVersion* version = versions.front();
    if (!entry && version == nullptr) break;
    if (version == nullptr || (entry && entry->at <= version->at)) {
      auto node = by_id(tx, entry->node);
      CHECK(node);
      Top top = top_of(tx, node->id);
      CHECK(top.kind == Top::Kind::bin);
      gone.bytes += node->size + node->kept;
      discard(tx, top.place, *node);
    } else {
      gone.bytes += release(tx, blobs, versions.place_of_front(), *version);
      versions.pop();
    }
    ++gone.count;
  }
  return gone;
}

ByteCount used_by_place(store::ReadTx& tx, NodeId place) {
  auto rows = tx.query(R"sql(SELECT bytes FROM usage WHERE place = ?)sql", place);
  return rows.next() ? rows.int64(0) : 0;
}

ByteCount releasable(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(
    SELECT (SELECT kept FROM node WHERE id = 1)
         + (SELECT coalesce(sum(size), 0) FROM node
            WHERE parent_id = 1 AND name >= 'bin-' AND name < 'bin.')
         - (SELECT coalesce(sum(size), 0) FROM version WHERE label <> ''))sql");
  CHECK(rows.next());
  return std::max<ByteCount>(rows.int64(0), 0);
}

ByteCount releasable(store::ReadTx& tx, NodeId place) {
  auto rows = tx.query(R"sql(
    WITH RECURSIVE up(size, id) AS (
      SELECT size, node_id FROM version WHERE label <> '' UNION ALL
      SELECT up.size, node.parent_id FROM node JOIN up ON node.id = up.id WHERE up.id <> 1)
    SELECT (SELECT kept FROM node WHERE id = ?1)
         + (SELECT coalesce(sum(size + kept), 0) FROM node
            WHERE parent_id = 1 AND name = 'bin-' || ?1)
         - (SELECT coalesce(sum(size), 0) FROM up WHERE id = ?1))sql",
                       place);
  CHECK(rows.next());
  return std::max<ByteCount>(rows.int64(0), 0);
}

std::optional<ByteCount> limit_of(store::ReadTx& tx, NodeId place) {
  auto info = place_of(tx, place);
  if (!info || info->kind != PlaceKind::home) return std::nullopt;
  auto owner = members::find(tx, MemberId{info->owner});
  return owner ? owner->quota_bytes : std::nullopt;
}

Result<void> check_limit(store::ReadTx& tx, NodeId place, ByteCount more) {
  auto limit = limit_of(tx, place);
  if (!limit || more <= *limit - used_by_place(tx, place) + releasable(tx, place)) return {};
  return fail(Code::quota_exceeded, "more than the owner of the place may use");
}

Result<void> make_room(store::WriteTx& tx, blobs::Store& blobs, NodeId place, ByteCount more) {
  if (more <= 0) return {};
  auto limit = limit_of(tx, place);
  auto short_of = [&](bool own) -> ByteCount {
    if (!own) return more - (store::quota(tx) - used_by_space(tx));
    if (!limit) return 0;
    return more - (*limit - used_by_place(tx, place));
  };
  if (short_of(false) <= 0 && short_of(true) <= 0) return {};
  TRY_VOID(check_quota(tx, place, more));
  int count = 0;
  if (ByteCount own = short_of(true); own > 0) {
    count = let_oldest_go(tx, blobs, place, own, kLetGoMax).count;
  }
  if (ByteCount space = short_of(false); space > 0) {
    (void)let_oldest_go(tx, blobs, {}, space, kLetGoMax - count);
  }
  if (short_of(false) <= 0 && short_of(true) <= 0) return {};
  return fail(Code::quota_exceeded, "not enough room even after letting old things go");
}

}  // namespace essaim::files::internal
