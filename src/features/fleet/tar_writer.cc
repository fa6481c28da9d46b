#include <archive.h>
#include <archive_entry.h>

#include "base/core/check.h"
#include "features/fleet/internal/tar.h"

namespace essaim::fleet::internal {

namespace {

la_ssize_t keep(archive*, void* made, const void* bytes, std::size_t size) {
  static_cast<std::string*>(made)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

TarWriter::TarWriter() : archive_(archive_write_new()) {
  CHECK(archive_ != nullptr);
  archive_write_set_format_pax_restricted(archive_);
  // No buffering and no padding beyond the two final blocks: what was written is there at once.
  archive_write_set_bytes_per_block(archive_, 0);
  archive_write_open(archive_, &made_, nullptr, keep, nullptr);
}

TarWriter::~TarWriter() {
  archive_write_free(archive_);
}

Result<void> TarWriter::check(int code) {
  if (code == ARCHIVE_OK) return {};
  const char* reason = archive_error_string(archive_);
  return fail(Code::internal, std::string("tar: ") + (reason != nullptr ? reason : "failed"));
}

Result<void> TarWriter::begin(const std::string& path, ByteCount size, Instant modified) {
  archive_entry* entry = archive_entry_new();
  CHECK(entry != nullptr);
  archive_entry_set_pathname(entry, path.c_str());
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0600);
  archive_entry_set_size(entry, size);
  archive_entry_set_mtime(entry, modified.seconds(), 0);
  int code = archive_write_header(archive_, entry);
  archive_entry_free(entry);
  return check(code);
}

Result<void> TarWriter::append(std::string_view bytes) {
  auto written = archive_write_data(archive_, bytes.data(), bytes.size());
  if (std::cmp_equal(written, bytes.size())) return {};
  return fail(Code::internal, "tar: more bytes than announced");
}

Result<void> TarWriter::close() {
  return check(archive_write_close(archive_));
}

std::string TarWriter::take() {
  return std::exchange(made_, {});
}

}  // namespace essaim::fleet::internal
