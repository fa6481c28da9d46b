// The tar of an exported space, written and read in pieces, on top of libarchive. The only files
// that know libarchive are tar_writer.cc and tar_reader.cc.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "features/fleet/internal/manifest.h"

struct archive;

namespace essaim::fleet::internal {

// Makes a tar in memory, piece by piece: ustar, with a pax header only where a size needs one.
class TarWriter {
 public:
  TarWriter();
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  Result<void> begin(const std::string& path, ByteCount size, Instant modified);
  Result<void> append(std::string_view bytes);
  // After the last entry.
  Result<void> close();
  // What has been made since the last call.
  std::string take();
  std::size_t pending() const { return made_.size(); }

 private:
  Result<void> check(int code);

  archive* archive_;
  std::string made_;
};

// Who receives the parts of the tar, in this order: the manifest, the database, the blobs. An error
// stops the reading.
class TarVisitor {
 public:
  virtual ~TarVisitor() = default;
  virtual Result<void> manifest(const Manifest& manifest) = 0;
  virtual Result<void> begin_database() = 0;
  // `size` is within what the manifest announces.
  virtual Result<void> begin_blob(const std::string& sha256, ByteCount size) = 0;
  // Bytes of the database or blob that was begun last.
  virtual Result<void> append(std::span<const std::byte> bytes) = 0;
  // Its end. The bytes were hashed as they passed: `sha256` is the announced one.
  virtual Result<void> end_database() = 0;
  virtual Result<void> end_blob() = 0;
};

// The next bytes of the tar, valid until the next call; none at the end.
using Pull = std::function<Result<std::span<const std::byte>>()>;

// Reads a whole tar as export writes it, or as tar(1) packs the same files again. Anything else is
// refused: other names, links, devices, sparse files, wrong order, an entry twice in a row, hashes
// and sizes that do not hold, more or fewer blobs than announced, a cut end. Errors: bad_request,
// checksum_mismatch, too_large, unsupported, and those of `pull` and `visitor`.
Result<void> read_tar(const Pull& pull, TarVisitor& visitor);

}  // namespace essaim::fleet::internal
