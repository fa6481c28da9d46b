// Who runs behind the others, and who rests.
#include <iterator>

#include "space/lane/internal/impl.h"

namespace essaim::lane {

using internal::Lane;
using internal::ProcessorTime;
using internal::SteadyTime;

namespace {

constexpr std::chrono::minutes kToldAgain{1};

}  // namespace

bool Lanes::Impl::charge(Lane& lane, ProcessorTime took) {
  auto rest = lane.pace.spend(lane.last_turn, took);
  lane.loud = lane.pace.loud(lane.last_turn);
  if (rest == rest.zero() || stopping || recent.size() < 2) return false;
  const Lane& other = **std::prev(recent.end(), 2);
  if (lane.last_turn - other.last_turn > limits.working) return false;
  lane.resting = true;
  ++counters.rests;
  auto place = resting.emplace(lane.last_turn + rest, &lane).first;
  if (place == resting.begin()) keeper_wakes.notify_one();
  if (lane.told != SteadyTime{} && lane.last_turn - lane.told < kToldAgain) return false;
  lane.told = lane.last_turn;
  return true;
}

void Lanes::Impl::wake_rested(std::optional<SteadyTime> now) {
  while (!resting.empty() && (!now || resting.begin()->first <= *now)) {
    Lane& lane = *resting.begin()->second;
    resting.erase(resting.begin());
    lane.resting = false;
    if (make_ready(lane)) wake_one(crew_of(lane));
    forget_if_unused(lane);
  }
}

}  // namespace essaim::lane
