// A space on its way out: one tar, made as the client takes it.
#include <sqlite3.h>
#include <unistd.h>

#include <cstddef>

#include "base/core/fd.h"
#include "base/secrets/digest.h"
#include "features/fleet/fleet.h"
#include "features/fleet/internal/fleet_impl.h"
#include "features/fleet/internal/tar.h"
#include "space/blobs/inventory.h"

namespace essaim::fleet {

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr int kBlobsPerPage = 1'000;
constexpr int kCopyPagesPerSlice = 1'024;  // 4 MiB: some milliseconds
constexpr int kCopyAttemptsMax = 5;

// Reads at most a piece. An empty answer is the end of the file.
Result<std::string> read_piece(const UniqueFd& file) {
  std::string piece(kPieceBytes, '\0');
  ssize_t got = ::read(file.get(), piece.data(), piece.size());
  if (got < 0) return fail(Code::io, "a file of the copy cannot be read");
  piece.resize(static_cast<std::size_t>(got));
  return piece;
}

// Reads the whole file: its hash and its size.
Result<void> describe_database(disk::Disk& disk, const std::string& path,
                               internal::Manifest& manifest) {
  auto file = TRY(disk.open_read(path));
  secrets::Digest digest(secrets::DigestType::sha256);
  while (true) {
    auto piece = TRY(read_piece(file));
    if (piece.empty()) break;
    digest.update(std::as_bytes(std::span(piece)));
    manifest.database_bytes += static_cast<ByteCount>(piece.size());
  }
  manifest.database_sha256 = digest.hex();
  return {};
}

// Opened apart from the engine, because the engine's settings would write to the file.
Result<std::unique_ptr<sqlite::Database>> open_copy(const std::string& path) {
  sqlite3* handle = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  if (handle == nullptr) return fail(Code::internal, "no memory to open the copy");
  auto database = std::make_unique<sqlite::Database>(handle);
  if (code != SQLITE_OK) return fail(Code::io, "the copy cannot be opened");
  return database;
}

// What an export holds while it runs. Destroyed in reverse: the space is let go last.
struct Copy {
  internal::Claims::Claim claim;
  internal::StagingFolder folder;
  std::string database_path;
  std::unique_ptr<sqlite::Database> database;
  internal::Manifest manifest;
  store::SpaceFacts facts;
};

class ExportSource final : public http::Source {
 public:
  ExportSource(Copy copy, disk::Disk& disk, const blobs::Store& blobs)
      : copy_(std::move(copy)), disk_(disk), blobs_(blobs) {}

  Result<std::string> next() override {
    while (tar_.pending() < kPieceBytes && phase_ != Phase::ended) TRY_VOID(step());
    return tar_.take();
  }

 private:
  enum class Phase { manifest, database, blobs, ended };

  // A piece of the open file, or the next file.
  Result<void> step() {
    if (file_) return more();
    switch (phase_) {
      case Phase::manifest:
        return write_manifest();
      case Phase::database:
        return begin_database();
      case Phase::blobs:
        return begin_blob();
      case Phase::ended:
        return {};
    }
    return {};
  }

  Result<void> write_manifest() {
    auto text = internal::render(copy_.manifest);
    auto size = static_cast<ByteCount>(text.size());
    TRY_VOID(tar_.begin(std::string(internal::kManifestName), size, copy_.manifest.exported));
    phase_ = Phase::database;
    return tar_.append(text);
  }

  Result<void> begin_database() {
    phase_ = Phase::blobs;
    return begin(std::string(internal::kDatabaseName), copy_.database_path,
                 copy_.manifest.database_bytes, copy_.manifest.database_sha256);
  }

  Result<void> begin_blob() {
    if (next_ == page_.size()) {
      auto after = page_.empty() ? std::string() : page_.back().sha256;
      TRY_VOID(read_page(after));
      next_ = 0;
      if (page_.empty()) {
        phase_ = Phase::ended;
        return tar_.close();
      }
    }
    const auto& blob = page_[next_++];
    return begin(internal::blob_entry(blob.sha256), blobs_.path(copy_.facts.id, blob.sha256),
                 blob.size, blob.sha256);
  }

  Result<void> read_page(const std::string& after) {
    try {
      store::ReadTx tx(*copy_.database, copy_.facts, copy_.manifest.exported);
      page_ = blobs::stored_files(tx, after, kBlobsPerPage);
    } catch (const sqlite::Failure& failure) {
      return tl::unexpected(failure.error());
    }
    return {};
  }

  Result<void> begin(const std::string& entry, const std::string& path, ByteCount size,
                     const std::string& sha256) {
    file_ = TRY(disk_.open_read(path));
    digest_ = secrets::Digest(secrets::DigestType::sha256);
    left_ = size;
    sha256_ = sha256;
    return tar_.begin(entry, size, copy_.manifest.exported);
  }

  // What leaves is checked on the way: a damaged content ends the copy instead of going into it.
  Result<void> more() {
    auto piece = TRY(read_piece(file_));
    if (!piece.empty()) {
      digest_.update(std::as_bytes(std::span(piece)));
      left_ -= static_cast<ByteCount>(piece.size());
      return tar_.append(piece);
    }
    file_.reset();
    if (left_ != 0 || digest_.hex() != sha256_) {
      return fail(Code::corrupt, "the content " + sha256_ + " is damaged");
    }
    return {};
  }

  Copy copy_;
  disk::Disk& disk_;
  const blobs::Store& blobs_;
  internal::TarWriter tar_;
  Phase phase_ = Phase::manifest;
  std::vector<blobs::StoredFile> page_;
  std::size_t next_ = 0;
  // The file that is being written into the tar.
  UniqueFd file_;
  secrets::Digest digest_{secrets::DigestType::sha256};
  ByteCount left_ = 0;
  std::string sha256_;
};

Result<void> describe(sqlite::Database& database, const store::SpaceFacts& facts,
                      internal::Manifest& manifest) {
  try {
    store::ReadTx tx(database, facts, manifest.exported);
    auto total = blobs::stored_total(tx);
    manifest.blobs = total.files;
    manifest.blob_bytes = total.bytes;
  } catch (const sqlite::Failure& failure) {
    return tl::unexpected(failure.error());
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<http::Source>> Fleet::export_space(std::string_view slug) {
  auto record = TRY(parts_.registry.show(slug));
  if (record.state == State::creating || record.state == State::frozen) {
    return fail(Code::closed, "space " + record.slug + " is " + std::string(name(record.state)));
  }
  auto claim = impl_->claims.claim(record.id);
  if (!claim) return fail(Code::locked, "another command is at work on space " + record.slug);
  disk::Disk& disk = parts_.engine.disk();
  auto folder = TRY(internal::StagingFolder::make(disk, parts_.layout));
  auto path = folder.path() + "/" + std::string(internal::kDatabaseName);
  TRY_VOID(copy_database(record.id, path));

  internal::Manifest manifest;
  manifest.id = record.id;
  manifest.slug = record.slug;
  manifest.display_name = record.display_name;
  manifest.hosts.assign(record.hosts.begin() + 1, record.hosts.end());
  manifest.created = record.created;
  manifest.exported = parts_.clock.now();
  manifest.schema_version = store::schema_version();
  TRY_VOID(describe_database(disk, path, manifest));
  auto database = TRY(open_copy(path));
  store::SpaceFacts facts;
  facts.id = record.id;
  TRY_VOID(describe(*database, facts, manifest));
  return std::make_unique<ExportSource>(
      Copy{std::move(*claim), std::move(folder), path, std::move(database), std::move(manifest),
           std::move(facts)},
      disk, parts_.blobs);
}

// Copies the database of a space to `path`, in slices between which its lane works for others.
// Begins anew when the space was closed in between.
Result<void> Fleet::copy_database(const SpaceId& id, const std::string& path) {
  bool whole = false;
  bool begun = false;
  for (int attempts = 0; attempts < kCopyAttemptsMax;) {
    auto slice = wait([&](lane::TurnDone done) {
      parts_.lanes.maintain(
          id,
          [&](store::Space& space) -> Result<void> {
            if (!begun) TRY_VOID(space.begin_copy(path));
            begun = true;
            whole = TRY(space.continue_copy(kCopyPagesPerSlice));
            return {};
          },
          std::move(done));
    });
    if (slice && whole) return {};
    if (slice) continue;
    if (slice.error().code != Code::closed || !begun) return slice;
    begun = false;
    ++attempts;
    TRY_VOID(parts_.engine.disk().remove(path));
  }
  return fail(Code::busy, "the space was closed again and again while it was copied");
}

}  // namespace essaim::fleet
