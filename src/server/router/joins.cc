#include "server/router/joins.h"

#include <utility>

namespace essaim::router {

Joins::Joins()
    : workers_(kJoinsAtOnce, "joins",
               {.running_of_one = kJoinsOfSpaceAtOnce,
                .waiting_of_one = kJoinsOfSpaceWaitingMax,
                .waiting_of_all = kJoinsWaitingMax}) {}

Joins::~Joins() = default;

Joins::Started Joins::start(const SpaceId& space, const std::string& transfer,
                            std::move_only_function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (!running_.insert(transfer).second) return Started::already;
  }
  bool taken = workers_.run(space.value, [this, transfer, job = std::move(job)]() mutable {
    try {
      job();
    } catch (...) {
      finished(transfer);  // or it could never be tried again
      throw;
    }
  });
  if (taken) return Started::yes;
  finished(transfer);
  return Started::full;
}

void Joins::finished(const std::string& transfer) {
  std::lock_guard lock(mutex_);
  running_.erase(transfer);
}

}  // namespace essaim::router
