// The workers: each takes a slice of one lane, runs it, lets the lane go, answers.
#include <time.h>

#include <algorithm>

#include "base/core/check.h"
#include "base/log/log.h"
#include "platform/loop/thread.h"
#include "space/lane/internal/impl.h"

namespace essaim::lane {

using internal::After;
using internal::BarrierTurn;
using internal::Chore;
using internal::Crew;
using internal::Ending;
using internal::Lane;
using internal::ProcessorTime;
using internal::ReadTurn;
using internal::Sleeper;
using internal::Slice;
using internal::SteadyTime;
using internal::WriteTurn;

namespace {

// Reads of one space run in a row no longer than this; the rest of a slice goes back to its queue.
constexpr std::chrono::milliseconds kReadsInARow{2};
// A worker with so few answers to give comes back for its lane sooner than another would wake.
constexpr std::size_t kAnswersFew = 16;
// A barrier that is not there.
constexpr std::uint64_t kNever = ~std::uint64_t{0};

// What this thread has taken so far.
ProcessorTime processor_time() {
  timespec taken{};
  CHECK(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &taken) == 0);
  return std::chrono::seconds(taken.tv_sec) + std::chrono::nanoseconds(taken.tv_nsec);
}

template <class Turn>
std::uint64_t first_ticket(const std::deque<Turn>& queue) {
  return queue.empty() ? kNever : queue.front().ticket;
}

template <class Turn>
void move_turns(std::deque<Turn>& from, std::vector<Turn>& to, std::uint64_t before, int count) {
  while (!from.empty() && from.front().ticket < before && static_cast<int>(to.size()) < count) {
    to.push_back(std::move(from.front()));
    from.pop_front();
  }
}

bool barrier_is_next(const Lane& lane) {
  auto other = std::min(first_ticket(lane.reads), first_ticket(lane.writes));
  return first_ticket(lane.barriers) < other;
}

template <class Turns>
void give_all(Turns& turns, const Error& error) {
  for (auto& turn : turns) turn.fate = tl::unexpected(error);
}

void give_all(Slice& slice, const Error& error) {
  give_all(slice.reads, error);
  give_all(slice.writes, error);
  give_all(slice.barrier, error);
}

}  // namespace

bool Lane::runnable() const {
  return waiting() && (answering == 0 || !barrier_is_next(*this));
}

Lane* Lanes::Impl::pick(Crew& crew, Slice& slice) {
  while (!crew.ready.empty()) {
    Lane* lane = crew.ready.front();
    crew.ready.pop_front();
    lane->ready = false;
    if (!lane->runnable()) {
      // What it was made ready for has been answered as too late.
      forget_if_unused(*lane);
      continue;
    }
    take(*lane, slice);
    return lane;
  }
  return crew.gives_way ? nullptr : pick_chore(slice);
}

// Chores only when nobody waits, and never by more than half of the workers: a checkpoint takes as
// long as ten commits. Not behind the others: somebody may come meanwhile.
Lane* Lanes::Impl::pick_chore(Slice& slice) {
  int chores_max = closing ? limits.workers : std::max(1, limits.workers / 2);
  while (!chores.empty() && running_chores < chores_max) {
    Lane* lane = chores.front();
    chores.pop_front();
    Chore chore = std::exchange(lane->chore, Chore::none);
    if (lane->running || lane->ready || !lane->open) {
      forget_if_unused(*lane);
      continue;
    }
    slice.chore = chore;
    ++running_chores;
    return lane;
  }
  return nullptr;
}

// The oldest turn decides what the slice is made of; nothing passes a barrier.
void Lanes::Impl::take(Lane& lane, Slice& slice) {
  auto read = first_ticket(lane.reads);
  auto write = first_ticket(lane.writes);
  auto barrier = first_ticket(lane.barriers);
  if (barrier_is_next(lane)) {
    slice.barrier.push_back(std::move(lane.barriers.front()));
    lane.barriers.pop_front();
  } else if (read < write) {
    move_turns(lane.reads, slice.reads, barrier, limits.reads_max);
  } else {
    move_turns(lane.writes, slice.writes, barrier, limits.group_max);
  }
  auto taken = slice.reads.size() + slice.writes.size() + slice.barrier.size();
  counters.turns_waiting -= static_cast<std::int64_t>(taken);
}

void Lanes::Impl::work(Crew& crew, Sleeper& self) {
  loop::name_this_thread(crew.gives_way ? "lane-behind" : "lane");
  if (crew.gives_way) loop::give_way_to_others();
  std::unique_lock lock(mutex);
  while (!over) {
    Slice slice;
    Lane* lane = pick(crew, slice);
    if (!lane) {
      crew.asleep.push_back(&self);
      self.wakes.wait(lock, [&self] { return std::exchange(self.woken, false); });
      continue;
    }
    lane->running = true;
    ++running;
    lock.unlock();
    auto before = processor_time();
    run(*lane, slice);
    auto took = processor_time() - before;
    lock.lock();
    bool goes_on = finish(*lane, slice, took);
    // The lane is free again while this worker answers: many answers hold nobody up. After few,
    // this worker is back before another has woken, and what came meanwhile shares a commit.
    std::size_t answers = slice.reads.size() + slice.writes.size() + slice.barrier.size();
    bool others = &crew_of(*lane) != &crew;
    if (goes_on && (others || answers > kAnswersFew)) wake_one(crew_of(*lane));
    lock.unlock();
    if (slice.loud) log::info("space_loud", {{"id", lane->id.value}});
    answer(slice);
    slice = Slice();
    lock.lock();
    --lane->answering;
    // Also without a wake, when it is this worker who picks next.
    if (make_ready(*lane) && &crew_of(*lane) != &crew) wake_one(crew_of(*lane));
    forget_if_unused(*lane);
  }
}

// With the mutex held: puts the lane back where it belongs; as make_ready().
bool Lanes::Impl::finish(Lane& lane, Slice& slice, ProcessorTime took) {
  lane.running = false;
  --running;
  ++lane.answering;
  if (slice.chore != Chore::none) --running_chores;
  counters.reads += static_cast<std::int64_t>(slice.reads.size());
  counters.writes += static_cast<std::int64_t>(slice.writes.size());
  lane.needs_checkpoint = lane.open && lane.space->needs_checkpoint();
  if (lane.open && slice.chore == Chore::none) {
    lane.last_turn = std::chrono::steady_clock::now();
    recent.splice(recent.end(), recent, lane.recent);
    slice.loud = charge(lane, took);
  }
  bool goes_on = make_ready(lane);
  if (stopping) quiet.notify_all();
  return goes_on;
}

void Lanes::Impl::run(Lane& lane, Slice& slice) {
  if (slice.chore != Chore::none) return run_chore(lane, slice);
  bool frozen = false;
  {
    std::lock_guard lock(mutex);
    frozen = lane.frozen;
  }
  bool only_close = !slice.barrier.empty() && slice.barrier.front().run == nullptr;
  if (frozen && !only_close) return give_all(slice, {Code::closed, "the space is frozen"});
  try {
    if (!slice.reads.empty()) run_reads(lane, slice);
    if (!slice.writes.empty()) run_writes(lane, slice);
    if (!slice.barrier.empty()) run_barrier(lane, slice);
  } catch (const std::exception& thrown) {
    // Opening and closing should not throw either; if they do, nobody waits for ever.
    give_all(slice, {Code::internal, thrown.what()});
    drop(lane);
  }
}

void Lanes::Impl::run_reads(Lane& lane, Slice& slice) {
  auto space = up_to_date(lane);
  if (!space) return give_all(slice, space.error());
  auto stop_at = std::chrono::steady_clock::now() + kReadsInARow;
  std::size_t ran = 0;
  Ending ending;
  while (ran < slice.reads.size() && ending.after == After::keep) {
    if (ran > 0 && std::chrono::steady_clock::now() >= stop_at) break;
    ending = internal::run_read(**space, clock, slice.reads[ran]);
    ++ran;
  }
  follow(lane, ending);
  if (ran == slice.reads.size()) return;
  std::lock_guard lock(mutex);
  for (std::size_t i = slice.reads.size(); i > ran; --i) {
    lane.reads.push_front(std::move(slice.reads[i - 1]));
    ++counters.turns_waiting;
  }
  slice.reads.resize(ran);
}

Ending Lanes::Impl::run_group(Lane& lane, std::span<WriteTurn> turns) {
  class LaneHandle final : public internal::Handle {
   public:
    LaneHandle(Impl& impl, Lane& lane_in) : impl_(impl), lane_(lane_in) {}
    Result<store::Space*> get() override { return impl_.opened(lane_); }
    void drop() override { impl_.drop(lane_); }

   private:
    Impl& impl_;
    Lane& lane_;
  };
  LaneHandle handle(*this, lane);
  internal::Tally tally;
  Ending ending = internal::run_writes(handle, clock, turns, tally);
  std::lock_guard lock(mutex);
  counters.commits += tally.commits;
  counters.reruns += tally.reruns;
  return ending;
}

void Lanes::Impl::run_writes(Lane& lane, Slice& slice) {
  if (auto space = up_to_date(lane); !space) return give_all(slice, space.error());
  follow(lane, run_group(lane, slice.writes));
  ask_after_writes(lane);
  if (!lane.space || lane.space->wal_bytes() <= limits.wal_max) return;
  // Those who wrote are answered after it; waiting once per wal_max is what keeps the WAL short.
  if (!lane.space->checkpoint()) return drop(lane);
  std::lock_guard lock(mutex);
  ++counters.checkpoints;
}

void Lanes::Impl::run_barrier(Lane& lane, Slice& slice) {
  BarrierTurn& turn = slice.barrier.front();
  if (!turn.run) return shut(lane);
  auto space = opened(lane);
  if (!space) return give_all(slice, space.error());
  follow(lane, internal::run_maintenance(**space, turn));
}

void Lanes::Impl::run_chore(Lane& lane, Slice& slice) {
  if (slice.chore == Chore::close) return shut(lane);
  lane.space->set_writing(false);
  if (!lane.space->checkpoint()) return drop(lane);
  std::lock_guard lock(mutex);
  ++counters.checkpoints;
}

void Lanes::Impl::follow(Lane& lane, const Ending& ending) {
  if (ending.after == After::keep) return;
  drop(lane);
  if (ending.after == After::reopen) return;
  {
    std::lock_guard lock(mutex);
    lane.frozen = true;
  }
  if (on_corrupt) on_corrupt(lane.id, ending.reason);
}

}  // namespace essaim::lane
