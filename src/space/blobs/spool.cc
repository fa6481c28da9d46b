// Receiving a body: in memory while it is small, then in a nameless file, hashed as it passes.
#include <utility>

#include "base/core/check.h"
#include "formats/zip/crc32.h"
#include "space/blobs/internal/impl.h"

namespace essaim::blobs {
namespace {

secrets::DigestType digest_type(ChecksumType type) {
  switch (type) {
    case ChecksumType::sha256:
      return secrets::DigestType::sha256;
    case ChecksumType::sha1:
      return secrets::DigestType::sha1;
    case ChecksumType::md5:
      return secrets::DigestType::md5;
    case ChecksumType::adler32:
      return secrets::DigestType::adler32;
  }
  return secrets::DigestType::sha256;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

SpooledBlob::SpooledBlob(std::unique_ptr<State> state) : state_(std::move(state)) {}
SpooledBlob::SpooledBlob(SpooledBlob&&) noexcept = default;
SpooledBlob& SpooledBlob::operator=(SpooledBlob&&) noexcept = default;
SpooledBlob::~SpooledBlob() = default;

const std::string& SpooledBlob::sha256() const {
  return state_->sha256;
}
ByteCount SpooledBlob::size() const {
  return state_->size;
}
std::uint32_t SpooledBlob::crc32() const {
  return state_->crc32;
}
bool SpooledBlob::is_inline() const {
  return state_->is_inline;
}
std::string_view SpooledBlob::inline_bytes() const {
  return state_->inline_bytes;
}
std::optional<std::string> SpooledBlob::extra() const {
  return state_->extra;
}

Spool::Spool(std::unique_ptr<State> state) : state_(std::move(state)) {}
Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Store::begin(const SpaceId& space,
                                            std::optional<ChecksumType> extra) {
  auto state = std::make_unique<Spool::State>();
  state->store = impl_;
  state->space = space;
  if (extra && *extra != ChecksumType::sha256) state->extra.emplace(digest_type(*extra));
  return std::unique_ptr<Spool>(new Spool(std::move(state)));
}

Result<std::unique_ptr<disk::NewFile>> Store::scratch(const SpaceId& space) {
  return impl_->disk.create(impl_->layout.tmp(space));
}

Result<void> Spool::write(std::span<const std::byte> bytes) {
  State& s = *state_;
  CHECK(!s.finished);
  s.digest.update(bytes);
  s.blob->crc32 = zip::crc32(s.blob->crc32, bytes);
  if (s.extra) s.extra->update(bytes);
  s.blob->size += static_cast<ByteCount>(bytes.size());
  if (s.blob->size <= kInlineMax) {
    s.blob->inline_bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  if (!s.file) {
    s.file = TRY(s.store->disk.create(s.store->layout.tmp(s.space)));
    TRY_VOID(s.file->append(bytes_of(s.blob->inline_bytes)));
    std::string().swap(s.blob->inline_bytes);
  }
  return s.file->append(bytes);
}

Result<void> Spool::finish() {
  State& s = *state_;
  CHECK(!s.finished);
  s.finished = true;
  s.blob->sha256 = s.digest.hex();
  if (s.extra) s.blob->extra = s.extra->hex();
  s.blob->is_inline = s.file == nullptr;
  return s.file ? publish() : Result<void>{};
}

Result<void> Spool::publish() {
  State& s = *state_;
  // Pinned before the name is looked at, so that the sweeper cannot take away what we find there.
  s.blob->pin.emplace(s.store->pins, s.space, s.blob->sha256);
  TRY_VOID(s.store->make_folder(s.space, s.blob->sha256));
  TRY_VOID(s.file->publish(s.store->path(s.space, s.blob->sha256)));
  s.file.reset();
  return {};
}

SpooledBlob Spool::take() {
  CHECK(state_->finished && state_->blob && !state_->file);
  return SpooledBlob(std::move(state_->blob));
}

ByteCount Spool::size() const {
  return state_->blob ? state_->blob->size : 0;
}

Result<void> Store::Impl::make_folder(const SpaceId& space, std::string_view sha256) {
  int shard = std::stoi(std::string(sha256.substr(0, 2)), nullptr, 16);
  if (folders.known(space, shard)) return {};
  TRY_VOID(disk.make_folders(folder(space, sha256), disk::Durable::yes));
  TRY_VOID(disk.sync_folder(layout.blobs(space)));
  folders.learn(space, shard);
  return {};
}

}  // namespace essaim::blobs
