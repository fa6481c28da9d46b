// Which blob files must not be swept because someone is about to refer to them; and which folders
// are known to be durable. Shared by a Store and everything it has handed out.
#pragma once

#include <bitset>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/core/error.h"
#include "base/core/types.h"

namespace essaim::blobs::internal {

class Pins {
 public:
  void add(const SpaceId& space, const std::string& hash);
  void drop(const SpaceId& space, const std::string& hash);
  // Runs `remove` unless the hash is pinned, and lets nobody pin anything meanwhile. Returns
  // whether it ran. Without the lock a writer could find the file there, and lose it a moment
  // later.
  bool unless_pinned(const SpaceId& space, const std::string& hash,
                     const std::function<void()>& remove);

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, int> counts_;
};

// A pin that goes with its owner.
class Pin {
 public:
  Pin() = default;
  Pin(std::shared_ptr<Pins> pins, SpaceId space, std::string hash);
  Pin(Pin&& other) noexcept = default;
  Pin& operator=(Pin&&) = delete;
  ~Pin();

 private:
  std::shared_ptr<Pins> pins_;  // shared: a blob in flight may outlive the Store at shutdown
  SpaceId space_;
  std::string hash_;
};

// The folders blobs/00 to blobs/ff are made when first needed. That a folder exists does not mean
// that its name would survive a power cut (its maker may have been killed before the fsync), so
// each process makes sure once.
class DurableFolders {
 public:
  bool known(const SpaceId& space, int shard);
  void learn(const SpaceId& space, int shard);

 private:
  static constexpr std::size_t kSpacesMax =
      10'000;  // forgotten all at once beyond: only costs fsyncs
  std::mutex mutex_;
  std::unordered_map<SpaceId, std::bitset<256>> shards_;
};

}  // namespace essaim::blobs::internal
