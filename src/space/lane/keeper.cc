// The keeper: one thread that looks at every lane a few times per second. It answers turns whose
// deadline has passed while they waited, and hands out the chores: checkpoints when idle, closing
// when idle for long. In between it wakes the lanes whose rest has ended.
#include <algorithm>

#include "platform/loop/thread.h"
#include "space/lane/internal/impl.h"

namespace essaim::lane {

using internal::Chore;
using internal::Lane;
using internal::Slice;
using internal::SteadyTime;

namespace {

template <class Turn>
void move_expired(std::deque<Turn>& from, std::vector<Turn>& to, SteadyTime now) {
  auto late = [now](const Turn& turn) { return turn.deadline <= now; };
  if (std::none_of(from.begin(), from.end(), late)) return;
  std::deque<Turn> kept;
  for (Turn& turn : from) {
    if (late(turn)) {
      turn.fate = fail(Code::timeout, "waited too long for its turn");
      to.push_back(std::move(turn));
    } else {
      kept.push_back(std::move(turn));
    }
  }
  from = std::move(kept);
}

}  // namespace

// With the mutex held.
void Lanes::Impl::look_at(Lane& lane, SteadyTime now, Slice& expired) {
  auto before = lane.turns();
  move_expired(lane.reads, expired.reads, now);
  move_expired(lane.writes, expired.writes, now);
  counters.turns_waiting -= static_cast<std::int64_t>(before - lane.turns());
  if (lane.running || lane.ready || !lane.open || lane.chore != Chore::none) return;
  auto idle = now - lane.last_turn;
  if (idle >= limits.idle_close) {
    lane.chore = Chore::close;
  } else if (lane.needs_checkpoint && idle >= limits.checkpoint_idle) {
    lane.chore = Chore::checkpoint;
  } else {
    return;
  }
  chores.push_back(&lane);
}

void Lanes::Impl::keep_house() {
  loop::name_this_thread("lanes");
  std::unique_lock lock(mutex);
  SteadyTime next_look;
  while (!over) {
    if (lanes.empty()) {
      keeper_wakes.wait(lock);
      continue;
    }
    // A value: the wait keeps a reference to it, and rests end meanwhile.
    SteadyTime until = resting.empty() ? next_look : std::min(next_look, resting.begin()->first);
    keeper_wakes.wait_until(lock, until);
    auto now = std::chrono::steady_clock::now();
    wake_rested(now);
    if (now < next_look) continue;
    next_look = now + limits.tick;
    Slice expired;
    auto chores_before = chores.size();
    for (auto& [id, lane] : lanes) look_at(*lane, now, expired);
    for (auto added = chores.size() - chores_before; added > 0; --added) wake_one(front);
    if (stopping) quiet.notify_all();
    lock.unlock();
    answer(expired);
    expired = Slice();
    lock.lock();
  }
}

}  // namespace essaim::lane
