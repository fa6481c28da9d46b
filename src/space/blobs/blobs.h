// File contents on disk: received, committed, opened, swept.
//
// A blob is named by its SHA-256. Up to `inline_max` bytes it lives in the database (one fsync
// instead of three); larger ones are files blobs/cd/<hash>. Reference counts are rows, changed in
// the same transaction as the nodes that point to them. A blob whose count is 0 is kept for the
// restore horizon, then swept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "formats/http/message.h"
#include "platform/disk/disk.h"
#include "space/store/space.h"
#include "space/store/tx.h"

namespace essaim::blobs {

inline constexpr ByteCount kInlineMax = 16 * kKiB;

// What a client can ask to have checked besides SHA-256. Also the order of preference.
enum class ChecksumType : std::uint8_t { sha256, sha1, md5, adler32 };

// Content that is ready to be referred to: already durable as a file, or small enough to travel in
// the transaction. Holds a pin: the sweeper leaves its hash alone while it lives. Movable, one
// owner; keep it until the write's `done`.
class SpooledBlob {
 public:
  SpooledBlob(SpooledBlob&&) noexcept;
  SpooledBlob& operator=(SpooledBlob&&) noexcept;
  ~SpooledBlob();
  const std::string& sha256() const;  // lower-case hex
  ByteCount size() const;
  std::uint32_t crc32() const;
  bool is_inline() const;
  std::string_view inline_bytes() const;
  // The extra digest that was asked for, lower-case hex.
  std::optional<std::string> extra() const;

 private:
  friend class Store;
  friend class Spool;
  struct State;
  explicit SpooledBlob(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Takes a body as it arrives, hashes it, writes it to a nameless file once it exceeds kInlineMax.
// finish() makes the content durable (so it is not done in the lane); take() then hands it over.
class Spool final : public http::BodySink {
 public:
  ~Spool() override;
  Result<void> write(std::span<const std::byte> bytes) override;
  Result<void> finish() override;
  // After finish(), once.
  SpooledBlob take();
  ByteCount size() const;

 private:
  friend class Store;
  struct State;
  explicit Spool(std::unique_ptr<State> state);
  Result<void> publish();
  std::unique_ptr<State> state_;
};

// What a reader gets: bytes, or an open file that stays readable even if the blob is swept.
struct Content {
  std::string inline_bytes;  // when !file
  UniqueFd file;
  ByteCount size = 0;
  std::uint32_t crc32 = 0;
};

// Rows that fell to 0 references less than this ago are never swept, whatever the horizon: the
// write that dropped the last one may share a commit with the sweep, and may still be undone.
inline constexpr Duration kSweepAgeMin{60'000};
// Files without a row are left alone for this long: someone may be about to write the row.
inline constexpr Duration kOrphanAge{86'400'000};

class Store {
 public:
  Store(disk::Disk& disk, const store::Layout& layout);
  ~Store();

  // `extra`: a second digest to compute while the bytes pass.
  // Errors: io, disk_full.
  Result<std::unique_ptr<Spool>> begin(const SpaceId& space,
                                       std::optional<ChecksumType> extra = std::nullopt);

  // A nameless file for bytes that are not to stay. Errors: io, disk_full.
  Result<std::unique_ptr<disk::NewFile>> scratch(const SpaceId& space);

  // In a write turn: one more reference. Inserts the row (and the inline bytes) when the blob is
  // new.
  void add_ref(store::WriteTx& tx, const SpooledBlob& blob);
  // One more reference to a blob that has one already (COPY). CHECKs that the row exists.
  void add_ref(store::WriteTx& tx, std::string_view sha256);
  // One reference less; at 0 the row gets its zero_at. CHECKs that there is one.
  void drop_ref(store::WriteTx& tx, std::string_view sha256);
  // The same for contents that no restore will ask for (parts of an upload): they are swept without
  // waiting for the horizon, unless the same content was also let go by drop_ref.
  void drop_ref_at_once(store::WriteTx& tx, std::string_view sha256);
  // Outside the lane: the content of a blob that lives in a file, appended to `spool`. Errors:
  // not_found, io, disk_full.
  Result<void> append_to(Spool& spool, const SpaceId& space, std::string_view sha256);
  // Errors: corrupt (no row, or a row without content), io.
  Result<Content> open(store::ReadTx& tx, std::string_view sha256);
  // The CRC-32 of a blob. Error: corrupt (no row).
  Result<std::uint32_t> crc32(store::ReadTx& tx, std::string_view sha256);

  // In a write turn: removes up to `count` blobs whose zero_at is older than `horizon`, that are
  // not pinned and still have no reference; the file goes before the row. Returns how many. Errors:
  // io.
  Result<int> sweep(store::WriteTx& tx, Duration horizon, int count);
  // Files in blobs/ without a row, older than a day: leftovers of a crash. Looks at one of the 256
  // folders; shard 0 also looks at tmp/. Returns how many were removed. Errors: io.
  Result<int> sweep_orphans(store::WriteTx& tx, int shard);
  // Rows with references whose content is missing or has the wrong size; for `doctor`. At most
  // `limit` hashes. Looks at every row: run it as maintenance.
  Result<std::vector<std::string>> missing(store::ReadTx& tx, int limit);
  std::string path(const SpaceId& space, std::string_view sha256) const;

 private:
  friend class Spool;
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with the spools it began, which may outlive it at shutdown
};

}  // namespace essaim::blobs
