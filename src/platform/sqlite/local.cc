// The local engine: SQLite's unix VFS and the machine's file system; and what every engine shares.
#include "platform/sqlite/engine.h"
#include "platform/sqlite/internal/gathering.h"
#include "platform/sqlite/internal/opening.h"

namespace essaim::sqlite {
namespace {

class LocalEngine final : public Engine {
 public:
  LocalEngine() : disk_(disk::local_disk()) { internal::configure_once(); }

  Result<std::unique_ptr<Database>> open(const std::string& path) override {
    // One for all local engines: databases may outlive the engine that opened them.
    static internal::GatheringVfs vfs(nullptr);
    return internal::open(path, vfs.name());
  }

  Result<void> create(const std::string& path, std::span<const std::byte> image,
                      disk::Durable durable) override {
    return internal::create(*disk_, path, image, durable);
  }

  disk::Disk& disk() override { return *disk_; }

 private:
  std::unique_ptr<disk::Disk> disk_;
};

}  // namespace

std::unique_ptr<Engine> local_engine() {
  return std::make_unique<LocalEngine>();
}

}  // namespace essaim::sqlite
