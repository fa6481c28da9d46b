// The few threads that join the chunks of uploads, and which transfers they are at: the same one is
// never joined twice at once. Spaces take turns, and none has more than one thread: a join copies a
// whole file and may take minutes.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "base/core/types.h"
#include "platform/loop/workers.h"

namespace essaim::router {

inline constexpr int kJoinsAtOnce = 2;
inline constexpr int kJoinsOfSpaceAtOnce = 1;
inline constexpr std::size_t kJoinsOfSpaceWaitingMax = 64;
inline constexpr std::size_t kJoinsWaitingMax = 1'024;

class Joins {
 public:
  Joins();
  // Finishes what is queued.
  ~Joins();
  enum class Started : unsigned char { yes, already, full };
  // Runs `job` on one of the threads unless `transfer` is being joined or too many wait. The job
  // ends with finished(transfer).
  Started start(const SpaceId& space, const std::string& transfer,
                std::move_only_function<void()> job);
  void finished(const std::string& transfer);

 private:
  std::mutex mutex_;
  std::set<std::string> running_;
  loop::Workers workers_;  // last: its threads end before what they use
};

}  // namespace essaim::router
