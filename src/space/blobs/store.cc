// The rows of blobs, in the lane: references, contents, sweeping.
#include <unistd.h>

#include <algorithm>

#include "base/core/check.h"
#include "space/blobs/internal/impl.h"

namespace essaim::blobs {
namespace {

enum Place : int { kInline = 0, kFile = 1 };

constexpr int kShards = 256;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string shard_name(int shard) {
  const char* digits = "0123456789abcdef";
  return {digits[shard / 16], digits[shard % 16]};
}

}  // namespace

Store::Store(disk::Disk& disk, const store::Layout& layout)
    : impl_(std::make_shared<Impl>(disk, layout)) {}
Store::~Store() = default;

std::string Store::path(const SpaceId& space, std::string_view sha256) const {
  return impl_->path(space, sha256);
}

void Store::add_ref(store::WriteTx& tx, const SpooledBlob& blob) {
  int place = blob.is_inline() ? kInline : kFile;
  std::int64_t id = 0;
  std::int64_t refs = 0;
  {
    auto rows = tx.query(
        "INSERT INTO blob(hash, size, refs, crc32, place) VALUES (?, ?, 1, ?, ?)"
        " ON CONFLICT(hash) DO UPDATE SET refs=refs+1, zero_at=NULL,"
        " place=CASE refs WHEN 0 THEN excluded.place ELSE place END"
        " RETURNING id, refs",
        blob.sha256(), blob.size(), std::int64_t{blob.crc32()}, place);
    CHECK(rows.next());
    id = rows.int64(0);
    refs = rows.int64(1);
    CHECK(!rows.next());
  }
  // A row that had fallen to 0 is like a new one: its file may be gone already, and is there again
  // now.
  if (refs == 1 && blob.is_inline()) {
    tx.execute("INSERT OR REPLACE INTO blob_inline(blob_id, data) VALUES (?, ?)", id,
               bytes_of(blob.inline_bytes()));
  }
}

void Store::add_ref(store::WriteTx& tx, std::string_view sha256) {
  auto changed = tx.execute("UPDATE blob SET refs=refs+1 WHERE hash=? AND refs>0", sha256);
  CHECK(changed == 1);
}

void Store::drop_ref(store::WriteTx& tx, std::string_view sha256) {
  auto changed = tx.execute(
      "UPDATE blob SET refs=refs-1, held_at=?1, zero_at=CASE refs WHEN 1 THEN ?1 END"
      " WHERE hash=?2 AND refs>0",
      tx.now().ms, sha256);
  CHECK(changed == 1);
}

void Store::drop_ref_at_once(store::WriteTx& tx, std::string_view sha256) {
  // A negative time: fell to 0 then, and nobody will ask for it again. What somebody may ask for
  // keeps the time of that.
  auto changed = tx.execute(
      "UPDATE blob SET refs=refs-1, zero_at=CASE refs WHEN 1 THEN coalesce(held_at, -?) END"
      " WHERE hash=? AND refs>0",
      tx.now().ms, sha256);
  CHECK(changed == 1);
}

Result<void> Store::append_to(Spool& spool, const SpaceId& space, std::string_view sha256) {
  auto file = TRY(impl_->disk.open_read(impl_->path(space, sha256)));
  std::vector<std::byte> buffer(static_cast<std::size_t>(256 * kKiB));
  while (true) {
    ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0) return fail(Code::io, "read " + std::string(sha256));
    if (got == 0) return {};
    TRY_VOID(spool.write(std::span(buffer).first(static_cast<std::size_t>(got))));
  }
}

Result<Content> Store::open(store::ReadTx& tx, std::string_view sha256) {
  Content content;
  bool in_file = false;
  {
    auto rows = tx.query(
        "SELECT blob.size, blob.place, blob_inline.data, blob.crc32 FROM blob"
        " LEFT JOIN blob_inline ON blob_inline.blob_id=blob.id AND blob.place=0 WHERE hash=?",
        sha256);
    if (!rows.next()) return fail(Code::corrupt, "no row for blob " + std::string(sha256));
    content.size = rows.int64(0);
    content.crc32 = static_cast<std::uint32_t>(rows.int64(3));
    in_file = rows.int64(1) == kFile;
    if (!in_file) {
      if (rows.null(2)) return fail(Code::corrupt, "no bytes for blob " + std::string(sha256));
      auto bytes = rows.blob(2);
      content.inline_bytes.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
  }
  if (!in_file) return content;
  auto file = impl_->disk.open_read(impl_->path(tx.facts().id, sha256));
  if (!file && file.error().code == Code::not_found) {
    return fail(Code::corrupt, file.error().detail);
  }
  content.file = TRY(file);
  return content;
}

Result<std::uint32_t> Store::crc32(store::ReadTx& tx, std::string_view sha256) {
  auto rows = tx.query("SELECT crc32 FROM blob WHERE hash=?", sha256);
  if (!rows.next()) return fail(Code::corrupt, "no row for blob " + std::string(sha256));
  return static_cast<std::uint32_t>(rows.int64(0));
}

Result<int> Store::sweep(store::WriteTx& tx, Duration horizon, int count) {
  struct Old {
    std::int64_t id;
    std::string hash;
    bool in_file;
  };
  std::vector<Old> old;
  auto before = tx.now().ms - std::max(horizon, kSweepAgeMin).count();
  auto before_at_once = tx.now().ms - kSweepAgeMin.count();
  {
    auto rows = tx.query(
        "SELECT id, hash, place FROM blob WHERE zero_at IS NOT NULL AND zero_at<?1"
        " AND zero_at>-?2 AND refs=0 ORDER BY zero_at LIMIT ?3",
        before, before_at_once, count);
    while (rows.next()) {
      old.push_back({rows.int64(0), std::string(rows.text(1)), rows.int64(2) == kFile});
    }
  }
  int swept = 0;
  for (const Old& blob : old) {
    Result<void> removed;
    bool ran = impl_->pins->unless_pinned(tx.facts().id, blob.hash, [&] {
      if (blob.in_file) removed = impl_->disk.remove(impl_->path(tx.facts().id, blob.hash));
    });
    if (!ran) continue;
    if (!removed && removed.error().code != Code::not_found) {
      return tl::unexpected(removed.error());
    }
    tx.execute("DELETE FROM blob_inline WHERE blob_id=?", blob.id);
    tx.execute("DELETE FROM blob WHERE id=?", blob.id);
    ++swept;
  }
  return swept;
}

Result<int> Store::sweep_orphans(store::WriteTx& tx, int shard) {
  CHECK(shard >= 0 && shard < kShards);
  const SpaceId& space = tx.facts().id;
  auto before = (tx.now().ms - kOrphanAge.count()) / 1000;
  int removed = 0;
  auto remove_old = [&](const std::string& folder, auto is_known) -> Result<void> {
    auto names = impl_->disk.list(folder);
    if (!names) {
      bool missing = names.error().code == Code::not_found;
      return missing ? Result<void>{} : tl::unexpected(names.error());
    }
    for (const std::string& name : *names) {
      auto info = impl_->disk.info(folder + "/" + name);
      if (!info || info->modified_s >= before || is_known(name)) continue;
      Result<void> gone;
      bool ran = impl_->pins->unless_pinned(
          space, name, [&] { gone = impl_->disk.remove(folder + "/" + name); });
      if (ran && gone) ++removed;
      if (ran && !gone && gone.error().code != Code::not_found) return gone;
    }
    return {};
  };
  TRY_VOID(remove_old(impl_->layout.blobs(space) + "/" + shard_name(shard),
                      [&](const std::string& name) {
                        return tx.query("SELECT 1 FROM blob WHERE hash=?", name).next();
                      }));
  if (shard == 0) {
    TRY_VOID(remove_old(impl_->layout.tmp(space), [](const std::string&) { return false; }));
  }
  return removed;
}

Result<std::vector<std::string>> Store::missing(store::ReadTx& tx, int limit) {
  std::vector<std::string> found;
  auto rows = tx.query(
      "SELECT blob.hash, blob.size, blob.place, length(blob_inline.data) FROM blob"
      " LEFT JOIN blob_inline ON blob_inline.blob_id=blob.id WHERE refs>0 ORDER BY blob.id");
  while (static_cast<int>(found.size()) < limit && rows.next()) {
    bool there = false;
    if (rows.int64(2) == kFile) {
      auto size = impl_->disk.size(impl_->path(tx.facts().id, rows.text(0)));
      if (!size && size.error().code != Code::not_found) return tl::unexpected(size.error());
      there = size && *size == rows.int64(1);
    } else {
      there = !rows.null(3) && rows.int64(3) == rows.int64(1);
    }
    if (!there) found.emplace_back(rows.text(0));
  }
  return found;
}

}  // namespace essaim::blobs
