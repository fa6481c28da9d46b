// What the files of the fleet share and nobody else sees.
#pragma once

#include <string>
#include <string_view>

#include "features/fleet/fleet.h"
#include "features/fleet/internal/claims.h"

namespace essaim::fleet {

struct Fleet::Impl {
  internal::Claims claims;
};

namespace internal {

inline constexpr std::string_view kRestorePrefix = "restore.";

inline std::string staging(const store::Layout& layout) {
  return layout.data() + "/staging";
}
inline std::string aside(const store::Layout& layout) {
  return layout.data() + "/aside";
}

// A folder of its own under staging; removed with everything in it when destroyed, unless kept.
class StagingFolder {
 public:
  static Result<StagingFolder> make(disk::Disk& disk, const store::Layout& layout);
  StagingFolder(StagingFolder&& other) noexcept;
  StagingFolder& operator=(StagingFolder&&) = delete;
  ~StagingFolder();

  const std::string& path() const { return path_; }
  // Gives the folder the name under which a restart finds it.
  Result<void> rename(const std::string& to);
  // Leaves the folder to recover().
  void keep() { disk_ = nullptr; }

 private:
  StagingFolder(disk::Disk& disk, std::string path) : disk_(&disk), path_(std::move(path)) {}
  disk::Disk* disk_;
  std::string path_;
};

// Moves a directory to where it belongs, making the folder around it.
Result<void> move_folder(disk::Disk& disk, const std::string& from, const std::string& to);

}  // namespace internal
}  // namespace essaim::fleet
