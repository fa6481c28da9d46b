// Whatever comes in, the parts come in order, each within what the manifest says, and what is
// accepted is what the manifest announced.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "features/fleet/internal/tar.h"
#include "features/fleet/names.h"

namespace {

using namespace essaim;
using namespace essaim::fleet::internal;

void must(bool holds) {
  if (!holds) std::abort();
}

class Watcher final : public TarVisitor {
 public:
  Result<void> manifest(const Manifest& manifest) override {
    must(step_ == Step::nothing);
    step_ = Step::manifest;
    manifest_ = manifest;
    must(fleet::valid_space_id(manifest.id.value) && fleet::check_slug(manifest.slug).has_value());
    must(manifest.database_bytes >= 0 && manifest.database_bytes <= kDatabaseBytesMax);
    must(manifest.blobs >= 0 && manifest.blobs <= kBlobsMax && manifest.blob_bytes >= 0);
    must(valid_sha256(manifest.database_sha256));
    return {};
  }
  Result<void> begin_database() override {
    must(step_ == Step::manifest);
    left_ = manifest_.database_bytes;
    step_ = Step::in_database;
    return {};
  }
  Result<void> begin_blob(const std::string& sha256, ByteCount size) override {
    must(step_ == Step::between && valid_sha256(sha256) && size >= 0);
    left_ = size;
    blob_bytes_ += size;
    ++blobs_;
    must(blobs_ <= manifest_.blobs && blob_bytes_ <= manifest_.blob_bytes);
    step_ = Step::in_blob;
    return {};
  }
  Result<void> append(std::span<const std::byte> bytes) override {
    must(step_ == Step::in_database || step_ == Step::in_blob);
    left_ -= static_cast<ByteCount>(bytes.size());
    must(left_ >= 0);
    return {};
  }
  Result<void> end_database() override {
    must(step_ == Step::in_database && left_ == 0);
    step_ = Step::between;
    return {};
  }
  Result<void> end_blob() override {
    must(step_ == Step::in_blob && left_ == 0);
    step_ = Step::between;
    return {};
  }
  void accepted() const {
    must(step_ == Step::between);
    must(blobs_ == manifest_.blobs && blob_bytes_ == manifest_.blob_bytes);
    auto again = parse_manifest(render(manifest_));
    must(again.has_value() && again->slug == manifest_.slug && again->hosts == manifest_.hosts);
  }

 private:
  enum class Step { nothing, manifest, in_database, between, in_blob };
  Step step_ = Step::nothing;
  Manifest manifest_;
  ByteCount left_ = 0;
  std::int64_t blobs_ = 0;
  ByteCount blob_bytes_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The first byte chooses the size of the pieces.
  std::size_t piece = 1 + std::size_t{data[0]} * 17;
  auto rest = std::as_bytes(std::span(data, size)).subspan(1);
  Pull pull = [&]() -> Result<std::span<const std::byte>> {
    auto next = rest.first(std::min(piece, rest.size()));
    rest = rest.subspan(next.size());
    return next;
  };
  Watcher watcher;
  if (read_tar(pull, watcher)) watcher.accepted();
  return 0;
}
