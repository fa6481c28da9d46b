// Opening and closing the spaces of lanes, and how many are open at once.
#include "space/lane/internal/impl.h"

namespace essaim::lane {

using internal::Lane;

// With the mutex held.
void Lanes::Impl::set_open(Lane& lane, bool open) {
  if (lane.open == open) return;
  lane.open = open;
  if (open) {
    lane.recent = recent.insert(recent.end(), &lane);
  } else {
    recent.erase(lane.recent);
  }
}

Result<store::Space*> Lanes::Impl::opened(Lane& lane) {
  if (lane.space) return lane.space.get();
  make_room();
  auto space = store::Space::open(engine, layout, lane.id);
  std::unique_lock lock(mutex);
  if (!space) {
    Error error = space.error();
    if (error.code != Code::corrupt) return tl::unexpected(error);
    lane.frozen = true;
    lock.unlock();
    if (on_corrupt) on_corrupt(lane.id, error.detail);
    return fail(Code::closed, error.detail);
  }
  lane.space = std::move(*space);
  ++counters.opens;
  set_open(lane, true);
  return lane.space.get();
}

// Closes the least recently used spaces that nobody runs, until one more may be opened. Workers
// that open at the same moment may exceed open_max by their number.
void Lanes::Impl::make_room() {
  for (;;) {
    Lane* victim = nullptr;
    {
      std::lock_guard lock(mutex);
      if (static_cast<int>(recent.size()) < limits.open_max) return;
      for (Lane* lane : recent) {
        if (lane->running) continue;
        victim = lane;
        break;
      }
      if (!victim) return;
      victim->running = true;
      if (victim->ready) {
        // It has turns: they wait until it is closed, and open it again.
        std::erase(crew_of(*victim).ready, victim);
        victim->ready = false;
      }
    }
    shut(*victim);
    std::lock_guard lock(mutex);
    victim->running = false;
    if (make_ready(*victim)) wake_one(crew_of(*victim));
    forget_if_unused(*victim);
  }
}

// Closes for good order: nothing is left in the WAL, so the next open has nothing to recover. When
// that fails, what is in the WAL is safe there.
void Lanes::Impl::shut(Lane& lane) {
  if (!lane.space) return;
  if (lane.space->wal_used()) (void)lane.space->checkpoint_and_truncate();
  lane.space.reset();
  lane.appointment = {};
  std::lock_guard lock(mutex);
  set_open(lane, false);
}

// Closes without another access to the disk.
void Lanes::Impl::drop(Lane& lane) {
  if (!lane.space) return;
  lane.space.reset();
  std::lock_guard lock(mutex);
  ++counters.lost_handles;
  set_open(lane, false);
}

}  // namespace essaim::lane
