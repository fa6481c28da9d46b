#include "space/lane/lanes.h"

#include <algorithm>

#include "base/core/check.h"
#include "space/lane/internal/impl.h"

namespace essaim::lane {

using internal::BarrierTurn;
using internal::Chore;
using internal::Crew;
using internal::Lane;
using internal::ReadTurn;
using internal::Sleeper;
using internal::Slice;
using internal::WriteTurn;

Lanes::Impl::Impl(sqlite::Engine& engine_, const store::Layout& layout_, const Clock& clock_,
                  Limits limits_,
                  std::function<void(const SpaceId&, const std::string&)> on_corrupt_,
                  Appointment appointment_)
    : engine(engine_),
      layout(layout_),
      clock(clock_),
      limits(limits_),
      share{std::min(limits.share_of_all * std::max(1u, std::thread::hardware_concurrency()),
                     limits.share_of_one),
            limits.burst, limits.rest_max},
      on_corrupt(std::move(on_corrupt_)),
      appointment(std::move(appointment_)),
      front{.workers = limits.workers},
      behind{.gives_way = true, .workers = std::max(1, limits.workers / 2)} {
  CHECK(limits.share_of_all > 0 && limits.share_of_one > 0);
  CHECK(limits.workers > 0 && limits.group_max > 0 && limits.reads_max > 0);
  CHECK(limits.open_max > limits.workers);
}

Lane& Lanes::Impl::lane(const SpaceId& space) {
  auto& found = lanes[space];
  if (!found) {
    found = std::make_unique<Lane>(space, share);
    if (lanes.size() == 1) keeper_wakes.notify_one();
  }
  return *found;
}

Result<void> Lanes::Impl::admit(const Lane& lane) const {
  if (stopping) return fail(Code::closed, "the server is stopping");
  if (lane.held) return fail(Code::closed, "the space is held");
  if (lane.frozen) return fail(Code::closed, "the space is frozen");
  if (static_cast<int>(lane.turns()) >= limits.queue_max) {
    return fail(Code::busy, "the queue of the space is full");
  }
  if (counters.turns_waiting >= limits.queue_all_max)
    return fail(Code::busy, "all queues are full");
  return {};
}

bool Lanes::Impl::make_ready(Lane& lane) {
  if (lane.ready || lane.running || lane.resting || !lane.runnable()) return false;
  if (lane.loud) lane.loud = lane.pace.loud(std::chrono::steady_clock::now());
  lane.ready = true;
  crew_of(lane).ready.push_back(&lane);
  return true;
}

Sleeper* Lanes::Impl::next_sleeper(Crew& crew) {
  if (crew.asleep.empty()) return nullptr;
  Sleeper* next = crew.asleep.back();
  crew.asleep.pop_back();
  next->woken = true;
  return next;
}

void Lanes::Impl::wake_one(Crew& crew) {
  if (Sleeper* sleeper = next_sleeper(crew)) sleeper->wakes.notify_one();
}

void Lanes::Impl::wake_all() {
  for (Crew* crew : {&front, &behind}) {
    while (!crew->asleep.empty()) wake_one(*crew);
  }
}

// A space that is closed and has nothing to do takes no memory.
void Lanes::Impl::forget_if_unused(Lane& lane) {
  bool used = lane.open || lane.waiting() || lane.ready || lane.running || lane.resting ||
              lane.answering > 0 || lane.held || lane.frozen || lane.chore != Chore::none;
  if (!used) lanes.erase(SpaceId(lane.id));
}

template <class Queue, class Turn>
void Lanes::Impl::submit(const SpaceId& space, Queue Lane::*queue, Turn turn) {
  std::unique_lock lock(mutex);
  Lane& to = lane(space);
  if (auto admitted = admit(to); !admitted) {
    forget_if_unused(to);
    lock.unlock();
    turn.done(tl::unexpected(admitted.error()));
    return;
  }
  turn.ticket = ++tickets;
  (to.*queue).push_back(std::move(turn));
  ++counters.turns_waiting;
  Sleeper* sleeper = make_ready(to) ? next_sleeper(crew_of(to)) : nullptr;
  lock.unlock();
  // Not under the mutex, which is the first thing that the woken worker takes.
  if (sleeper) sleeper->wakes.notify_one();
}

void Lanes::Impl::start() {
  for (Crew* crew : {&front, &behind}) {
    for (int i = 0; i < crew->workers; ++i) {
      Sleeper& sleeper = sleepers.emplace_back();
      threads.emplace_back([this, crew, &sleeper] { work(*crew, sleeper); });
    }
  }
  threads.emplace_back([this] { keep_house(); });
}

void Lanes::Impl::stop() {
  std::unique_lock lock(mutex);
  stopping = true;
  wake_rested(std::nullopt);
  quiet.wait(lock, [&] { return counters.turns_waiting == 0 && running == 0; });
  closing = true;
  for (Lane* lane : recent) {
    if (lane->chore == Chore::none) chores.push_back(lane);
    lane->chore = Chore::close;
  }
  wake_all();
  quiet.wait(lock, [&] { return recent.empty() && running == 0; });
  over = true;
  wake_all();
  keeper_wakes.notify_all();
  lock.unlock();
  for (auto& thread : threads) thread.join();
}

Lanes::Lanes(sqlite::Engine& engine, const store::Layout& layout, const Clock& clock, Limits limits,
             std::function<void(const SpaceId&, const std::string&)> on_corrupt,
             Appointment appointment)
    : impl_(std::make_unique<Impl>(engine, layout, clock, limits, std::move(on_corrupt),
                                   std::move(appointment))) {
  impl_->start();
}

Lanes::~Lanes() {
  impl_->stop();
}

void Lanes::read(const SpaceId& space, Read run, TurnDone done, std::optional<Duration> deadline) {
  ReadTurn turn;
  turn.deadline = std::chrono::steady_clock::now() + deadline.value_or(impl_->limits.read_deadline);
  turn.run = std::move(run);
  turn.done = std::move(done);
  impl_->submit(space, &Lane::reads, std::move(turn));
}

void Lanes::write(const SpaceId& space, Write run, TurnDone done,
                  std::optional<Duration> deadline) {
  WriteTurn turn;
  turn.deadline =
      std::chrono::steady_clock::now() + deadline.value_or(impl_->limits.write_deadline);
  turn.run = std::move(run);
  turn.done = std::move(done);
  impl_->submit(space, &Lane::writes, std::move(turn));
}

void Lanes::maintain(const SpaceId& space, Maintenance run, TurnDone done) {
  CHECK(run != nullptr);
  BarrierTurn turn;
  turn.run = std::move(run);
  turn.done = std::move(done);
  impl_->submit(space, &Lane::barriers, std::move(turn));
}

void Lanes::close(const SpaceId& space, TurnDone done) {
  std::unique_lock lock(impl_->mutex);
  Lane& lane = impl_->lane(space);
  BarrierTurn turn;
  turn.ticket = ++impl_->tickets;
  turn.done = std::move(done);
  lane.barriers.push_back(std::move(turn));
  ++impl_->counters.turns_waiting;
  if (impl_->make_ready(lane)) impl_->wake_one(impl_->crew_of(lane));
}

void Lanes::hold(const SpaceId& space, TurnDone done) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->lane(space).held = true;
  }
  close(space, std::move(done));
}

void Lanes::release(const SpaceId& space) {
  std::lock_guard lock(impl_->mutex);
  auto found = impl_->lanes.find(space);
  if (found == impl_->lanes.end()) return;
  Lane& lane = *found->second;
  lane.held = false;
  lane.frozen = false;
  impl_->forget_if_unused(lane);
}

Counters Lanes::counters() const {
  std::lock_guard lock(impl_->mutex);
  Counters now = impl_->counters;
  now.open_spaces = static_cast<std::int64_t>(impl_->recent.size());
  return now;
}

namespace {

template <class Turns>
void answer_all(Turns& turns) {
  for (auto& turn : turns) {
    try {
      turn.done(std::move(turn.fate));
    } catch (...) {
      // Its owner broke its word; the others still wait for theirs.
    }
  }
}

}  // namespace

void answer(Slice& slice) {
  answer_all(slice.reads);
  answer_all(slice.writes);
  answer_all(slice.barrier);
}

}  // namespace essaim::lane
