#include <archive.h>
#include <archive_entry.h>

#include <optional>

#include "base/core/check.h"
#include "base/secrets/digest.h"
#include "features/fleet/internal/tar.h"

namespace essaim::fleet::internal {

namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

// What libarchive's callback needs: where bytes come from, and the error that came instead.
struct Feed {
  const Pull& pull;
  std::optional<Error> error;
};

la_ssize_t feed_more(archive* reader, void* context, const void** bytes) {
  auto* feed = static_cast<Feed*>(context);
  auto piece = feed->pull();
  if (!piece) {
    feed->error = piece.error();
    archive_set_error(reader, ARCHIVE_FATAL, "the source failed");
    return ARCHIVE_FATAL;
  }
  *bytes = piece->data();
  return static_cast<la_ssize_t>(piece->size());
}

struct Freed {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

class Reader {
 public:
  Reader(const Pull& pull, TarVisitor& visitor)
      : feed_{pull, std::nullopt}, visitor_(visitor), reader_(archive_read_new()) {
    CHECK(reader_ != nullptr);
    archive_read_support_format_tar(reader_.get());
    archive_read_open(reader_.get(), &feed_, nullptr, feed_more, nullptr);
  }

  Result<void> run() {
    while (true) {
      archive_entry* entry = nullptr;
      int code = archive_read_next_header(reader_.get(), &entry);
      if (code == ARCHIVE_EOF) break;
      if (code != ARCHIVE_OK) return broken();
      if (archive_entry_filetype(entry) == AE_IFDIR) {
        TRY_VOID(folder(entry));
        continue;
      }
      TRY_VOID(file(entry));
    }
    if (!manifest_ || !database_seen_) return fail(Code::bad_request, "the copy is cut short");
    if (blobs_ != manifest_->blobs || blob_bytes_ != manifest_->blob_bytes) {
      return fail(Code::bad_request, "the copy does not have all the files it announces");
    }
    return {};
  }

 private:
  tl::unexpected<Error> broken() {
    if (feed_.error) return tl::unexpected(*feed_.error);
    return fail(Code::bad_request, "not a tar, or a cut one");
  }

  static std::string path_of(archive_entry* entry) {
    const char* path = archive_entry_pathname(entry);
    std::string text = path != nullptr ? path : "";
    if (text.starts_with("./")) text.erase(0, 2);  // as `tar c .` writes it
    return text;
  }

  // tar(1) adds the folders when it packs; they mean nothing, and may only be ours.
  Result<void> folder(archive_entry* entry) {
    if (++folders_ > kFoldersMax) return fail(Code::too_large, "too many folders in the copy");
    auto path = path_of(entry);
    if (path.ends_with('/')) path.pop_back();
    bool ours = path.empty() || path == "." || path == "blobs" ||
                (path.size() == 8 && path.starts_with("blobs/") &&
                 valid_sha256(path.substr(6) + std::string(62, '0')));
    if (!ours) return fail(Code::bad_request, "the copy holds a folder that is not ours");
    return {};
  }

  Result<void> file(archive_entry* entry) {
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr ||
        archive_entry_symlink(entry) != nullptr) {
      return fail(Code::bad_request, "the copy holds something that is not a plain file");
    }
    if (archive_entry_sparse_count(entry) > 0 || archive_entry_size_is_set(entry) == 0) {
      return fail(Code::bad_request, "the copy holds a sparse file");
    }
    auto path = path_of(entry);
    ByteCount size = archive_entry_size(entry);
    if (size < 0) return fail(Code::bad_request, "the copy holds a size below zero");
    if (!manifest_) return manifest(path, size);
    if (!database_seen_) return database(path, size);
    return blob(path, size);
  }

  Result<void> manifest(const std::string& path, ByteCount size) {
    if (path != kManifestName) {
      return fail(Code::bad_request, "not an exported space: manifest.json does not come first");
    }
    if (size > kManifestBytesMax) return fail(Code::too_large, "manifest.json is too long");
    std::string text;
    TRY_VOID(content(size, [&](std::span<const std::byte> bytes) -> Result<void> {
      text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    }));
    manifest_ = TRY(parse_manifest(text));
    return visitor_.manifest(*manifest_);
  }

  Result<void> database(const std::string& path, ByteCount size) {
    if (path != kDatabaseName) return fail(Code::bad_request, "main.db does not come second");
    if (size != manifest_->database_bytes) {
      return fail(Code::bad_request, "main.db has not the announced size");
    }
    TRY_VOID(visitor_.begin_database());
    TRY_VOID(hashed(size, manifest_->database_sha256));
    database_seen_ = true;
    return visitor_.end_database();
  }

  Result<void> blob(const std::string& path, ByteCount size) {
    auto hash = path.substr(path.rfind('/') + 1);
    if (!valid_sha256(hash) || path != blob_entry(hash)) {
      return fail(Code::bad_request, "the copy holds a file that is not ours");
    }
    if (hash == last_blob_) return fail(Code::bad_request, "a file comes twice");
    last_blob_ = hash;
    if (++blobs_ > manifest_->blobs || size > kBlobBytesMax ||
        size > manifest_->blob_bytes - blob_bytes_) {
      return fail(Code::bad_request, "the copy holds more than it announces");
    }
    blob_bytes_ += size;
    TRY_VOID(visitor_.begin_blob(hash, size));
    TRY_VOID(hashed(size, hash));
    return visitor_.end_blob();
  }

  Result<void> hashed(ByteCount size, const std::string& sha256) {
    secrets::Digest digest(secrets::DigestType::sha256);
    TRY_VOID(content(size, [&](std::span<const std::byte> bytes) {
      digest.update(bytes);
      return visitor_.append(bytes);
    }));
    if (digest.hex() != sha256) {
      return fail(Code::checksum_mismatch,
                  "a file of the copy is damaged: its hash is not " + sha256);
    }
    return {};
  }

  template <class F>
  Result<void> content(ByteCount size, F&& take) {
    ByteCount left = size;
    while (left > 0) {
      auto got = archive_read_data(reader_.get(), piece_.data(), piece_.size());
      if (got <= 0 || got > left) return broken();
      TRY_VOID(take(std::as_bytes(std::span(piece_.data(), static_cast<std::size_t>(got)))));
      left -= got;
    }
    return {};
  }

  static constexpr int kFoldersMax = 1'000;

  Feed feed_;
  TarVisitor& visitor_;
  std::unique_ptr<archive, Freed> reader_;
  std::string piece_ = std::string(kPieceBytes, '\0');
  std::optional<Manifest> manifest_;
  bool database_seen_ = false;
  int folders_ = 0;
  std::int64_t blobs_ = 0;
  ByteCount blob_bytes_ = 0;
  std::string last_blob_;
};

}  // namespace

Result<void> read_tar(const Pull& pull, TarVisitor& visitor) {
  return Reader(pull, visitor).run();
}

}  // namespace essaim::fleet::internal
