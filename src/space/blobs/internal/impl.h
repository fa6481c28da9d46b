// What a Store shares with the spools it begins.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/secrets/digest.h"
#include "platform/disk/disk.h"
#include "space/blobs/blobs.h"
#include "space/blobs/internal/pins.h"
#include "space/store/space.h"

namespace essaim::blobs {

struct Store::Impl {
  Impl(disk::Disk& disk_, const store::Layout& layout_) : disk(disk_), layout(layout_) {}

  std::string folder(const SpaceId& space, std::string_view sha256) const {
    return layout.blobs(space) + "/" + std::string(sha256.substr(0, 2));
  }
  std::string path(const SpaceId& space, std::string_view sha256) const {
    return folder(space, sha256) + "/" + std::string(sha256);
  }
  // Makes the folder a blob goes to, durably.
  Result<void> make_folder(const SpaceId& space, std::string_view sha256);

  disk::Disk& disk;
  store::Layout layout;
  std::shared_ptr<internal::Pins> pins = std::make_shared<internal::Pins>();
  internal::DurableFolders folders;
};

struct SpooledBlob::State {
  std::string sha256;
  ByteCount size = 0;
  std::uint32_t crc32 = 0;
  bool is_inline = true;
  std::string inline_bytes;
  std::optional<std::string> extra;
  std::optional<internal::Pin> pin;  // of a file
};

struct Spool::State {
  std::shared_ptr<Store::Impl> store;
  SpaceId space;
  secrets::Digest digest{secrets::DigestType::sha256};
  std::optional<secrets::Digest> extra;
  std::unique_ptr<disk::NewFile> file;  // once it exceeds kInlineMax
  std::unique_ptr<SpooledBlob::State> blob = std::make_unique<SpooledBlob::State>();
  bool finished = false;
};

}  // namespace essaim::blobs
