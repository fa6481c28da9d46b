// Plays a trace back and looks at every disk that a power cut could have left.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "platform/disk/power_cut.h"
#include "platform/disk/testing.h"
#include "platform/sqlite/engine.h"
#include "workload.h"

namespace essaim::power_cut {

using disk::Image;
using disk::PowerCut;

// The part of an image that belongs to one space, and what tells it from others.
struct SpaceImage {
  Image files;
  std::uint64_t hash = 0;
};

inline SpaceImage part_of(const Image& image, int space) {
  SpaceImage part;
  std::string folder = "/spaces/aa/" + space_id(space).value;
  for (auto it = image.lower_bound(folder); it != image.end() && it->first.starts_with(folder);
       ++it) {
    part.files.insert(*it);
    part.hash = (part.hash ^ std::hash<std::string>{}(it->first)) * 0xff51afd7ed558ccdu;
    part.hash ^= it->second ? it->second->hash : 1;
    part.hash *= 0xc4ceb9fe1a85ec53u;
  }
  return part;
}

// Writes images to a folder of its own, only what differs from the last one.
class Bench {
 public:
  Found look(const SpaceImage& part, int space, bool also_go_on) {
    lay_out(part, space);
    Found found = inspect(*engine_, folder_.path(), space);
    // Opening writes the WAL over itself and nothing else, unless there was none.
    on_disk_.erase("/spaces/aa/" + space_id(space).value + "/main.db-wal");
    if (found.broken.empty() && found.exists && also_go_on) {
      found.broken = go_on(*engine_, folder_.path(), space);
      std::filesystem::remove_all(folder_.path() + "/spaces");
      on_disk_.clear();
    }
    return found;
  }

 private:
  void lay_out(const SpaceImage& part, int space) {
    std::string folder = "/spaces/aa/" + space_id(space).value;
    std::filesystem::create_directories(folder_.path() + "/spaces/aa");
    for (auto it = on_disk_.lower_bound(folder);
         it != on_disk_.end() && it->first.starts_with(folder);) {
      bool stays = part.files.contains(it->first);
      if (!stays) std::filesystem::remove_all(folder_.path() + it->first);
      it = stays ? std::next(it) : on_disk_.erase(it);
    }
    // The WAL is not remembered, since opening may make it.
    if (!part.files.contains(folder + "/main.db-wal")) {
      std::filesystem::remove(folder_.path() + folder + "/main.db-wal");
    }
    for (const auto& [path, content] : part.files) {
      auto& there = on_disk_[path];
      if (there == content && content) continue;
      there = content;
      if (!content) {
        std::filesystem::create_directories(folder_.path() + path);
        continue;
      }
      std::ofstream file(folder_.path() + path, std::ios::binary | std::ios::trunc);
      file.write(reinterpret_cast<const char*>(content->bytes.data()),
                 static_cast<std::streamsize>(content->bytes.size()));
    }
  }

  disk::TestFolder folder_;
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::local_engine();
  Image on_disk_;
};

// Replays a trace and looks at every image; the work is shared between threads by position.
class Replay {
 public:
  Replay(const disk::Trace& trace, const std::string& root, const History& history,
         std::uint64_t seed, int subsets)
      : trace_(trace), root_(root), history_(history), seed_(seed), subsets_(subsets) {}

  // Only after events for which `worth` says so.
  void run(const std::function<bool(const disk::Event&, bool changed)>& worth) {
    std::vector<std::thread> threads;
    int count = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    for (int n = 0; n < count; ++n) threads.emplace_back([&, n] { work(n, count, worth); });
    for (auto& thread : threads) thread.join();
  }

  std::int64_t moments() const { return moments_; }
  std::int64_t images() const { return images_; }
  std::int64_t distinct() const { return distinct_; }
  std::int64_t continued() const { return continued_; }
  const std::vector<std::string>& broken() const { return broken_; }

 private:
  static constexpr std::size_t kBrokenMax = 10;
  static constexpr int kBlock = 16;  // moments in a row for one thread
  static constexpr std::int64_t kGoOn =
      8;  // one distinct image of so many is written to afterwards

  void work(int me, int count, const std::function<bool(const disk::Event&, bool)>& worth) {
    Bench bench;
    PowerCut cut(trace_, root_);
    Promises promises;
    for (std::size_t at = 0; cut.advance(); ++at) {
      promises.follow(cut.last());
      bool mine = static_cast<int>(at / kBlock) % count == me;
      if (!mine || !worth(cut.last(), cut.changed())) continue;
      ++moments_;
      cut.visit(seed_, subsets_, [&](std::string_view what, const Image& image) {
        ++images_;
        check(bench, promises, image, what, at);
      });
      std::lock_guard lock(mutex_);
      if (broken_.size() >= kBrokenMax) return;
    }
  }

  void check(Bench& bench, const Promises& promises, const Image& image, std::string_view what,
             std::size_t at) {
    for (int space = 0; space < kSpaces; ++space) {
      SpaceImage part = part_of(image, space);
      Found found = known_or_look(bench, part, space);
      std::string broken = promises.broken_by(found, space, history_);
      if (broken.empty()) continue;
      std::lock_guard lock(mutex_);
      if (broken_.size() < kBrokenMax) {
        broken_.push_back("after event " + std::to_string(at) + ", " + std::string(what) +
                          ", space " + std::to_string(space) + ": " + broken);
      }
    }
  }

  // The same bytes give the same answer, so each distinct image is opened once.
  Found known_or_look(Bench& bench, const SpaceImage& part, int space) {
    std::pair key{space, part.hash};
    bool go_on = false;
    {
      std::lock_guard lock(mutex_);
      auto known = known_.find(key);
      if (known != known_.end()) return known->second;
      go_on = ++distinct_ % kGoOn == 0;
      continued_ += go_on;
    }
    Found found = bench.look(part, space, go_on);
    std::lock_guard lock(mutex_);
    known_[key] = found;
    return found;
  }

  const disk::Trace& trace_;
  const std::string root_;
  const History& history_;
  const std::uint64_t seed_;
  const int subsets_;
  std::mutex mutex_;
  std::map<std::pair<int, std::uint64_t>, Found> known_;
  std::atomic<std::int64_t> moments_ = 0;
  std::atomic<std::int64_t> images_ = 0;
  std::int64_t distinct_ = 0;
  std::int64_t continued_ = 0;
  std::vector<std::string> broken_;
};

}  // namespace essaim::power_cut
