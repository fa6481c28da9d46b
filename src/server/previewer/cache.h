// Previews on disk: spaces/ab/<id>/previews/cd/<hash>-<name>, beside the contents they were made
// of.
//
// They can be made again at any time. So they are not synced, not counted in any quota, not
// exported, and what a power cut left of one is noticed (a sum at its end) and thrown away.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "platform/disk/disk.h"
#include "space/store/space.h"

namespace essaim::previewer {

inline constexpr int kShards = 256;  // folders, by the first two digits of the hash
inline constexpr ByteCount kSpaceBytesMax = 512 * kMiB;  // of one space; beyond, the oldest go

class Cache {
 public:
  Cache(disk::Disk& disk, const store::Layout& layout, ByteCount space_bytes_max = kSpaceBytesMax);

  // None when there is none, or only a damaged one (which is removed).
  std::optional<std::string> read(const SpaceId& space, std::string_view hash,
                                  std::string_view name);
  // Keeps one; makes room when this space has had many since it was last looked at. Errors: io,
  // disk_full. Cost: no fsync.
  Result<void> write(const SpaceId& space, std::string_view hash, std::string_view name,
                     std::string_view bytes);

  // The contents that have previews in one folder, each once. Errors: io.
  Result<std::vector<std::string>> contents(const SpaceId& space, int shard);
  // Every preview of these contents, all of one folder. Returns how many were removed. Errors: io.
  Result<int> remove(const SpaceId& space, int shard, const std::vector<std::string>& hashes);
  // Removes the oldest until what is left fits well into the limit. Returns how many. Errors: io.
  // Cost: looks at every preview of the space.
  Result<int> trim(const SpaceId& space);

 private:
  std::string folder(const SpaceId& space, std::string_view shard) const;
  // Whether the space is to be trimmed now.
  bool count(const SpaceId& space, ByteCount bytes);

  disk::Disk& disk_;
  store::Layout layout_;
  ByteCount space_bytes_max_;
  std::mutex mutex_;
  std::unordered_map<SpaceId, ByteCount> written_;  // since each was last trimmed
};

}  // namespace essaim::previewer
