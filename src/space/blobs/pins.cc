#include "space/blobs/internal/pins.h"

namespace essaim::blobs::internal {

void Pins::add(const SpaceId& space, const std::string& hash) {
  std::lock_guard lock(mutex_);
  ++counts_[{space.value, hash}];
}

void Pins::drop(const SpaceId& space, const std::string& hash) {
  std::lock_guard lock(mutex_);
  auto found = counts_.find({space.value, hash});
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

bool Pins::unless_pinned(const SpaceId& space, const std::string& hash,
                         const std::function<void()>& remove) {
  std::lock_guard lock(mutex_);
  if (counts_.contains({space.value, hash})) return false;
  remove();
  return true;
}

Pin::Pin(std::shared_ptr<Pins> pins, SpaceId space, std::string hash)
    : pins_(std::move(pins)), space_(std::move(space)), hash_(std::move(hash)) {
  pins_->add(space_, hash_);
}

Pin::~Pin() {
  if (pins_) pins_->drop(space_, hash_);
}

bool DurableFolders::known(const SpaceId& space, int shard) {
  std::lock_guard lock(mutex_);
  auto found = shards_.find(space);
  return found != shards_.end() && found->second.test(static_cast<std::size_t>(shard));
}

void DurableFolders::learn(const SpaceId& space, int shard) {
  std::lock_guard lock(mutex_);
  if (shards_.size() >= kSpacesMax && !shards_.contains(space)) shards_.clear();
  shards_[space].set(static_cast<std::size_t>(shard));
}

}  // namespace essaim::blobs::internal
