// The state of all lanes. One mutex guards everything but the Space of a running lane, which
// belongs to the worker that runs it.
#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "space/lane/internal/pace.h"
#include "space/lane/internal/turns.h"
#include "space/lane/lanes.h"

namespace essaim::lane {

namespace internal {

// What nobody waits for: done by a worker that has nothing else to do.
enum class Chore : std::uint8_t { none, checkpoint, close };

struct Lane {
  Lane(SpaceId space_id, const Share& share) : id(std::move(space_id)), pace(share) {}
  bool waiting() const { return !reads.empty() || !writes.empty() || !barriers.empty(); }
  // Whether the next turn may begin: a barrier also waits until what ran before it is answered.
  bool runnable() const;
  std::size_t turns() const { return reads.size() + writes.size() + barriers.size(); }

  const SpaceId id;
  std::deque<ReadTurn> reads;
  std::deque<WriteTurn> writes;
  std::deque<BarrierTurn> barriers;
  Pace pace;
  bool loud = false;     // its turns are for the crew that gives way
  bool ready = false;    // in the queue of its crew
  bool running = false;  // a worker has it
  bool resting = false;  // in Impl::resting; not ready before it has ended
  SteadyTime told;       // when a line of the log last said that it is loud
  int answering = 0;     // slices that have run and whose answers are on their way
  bool held = false;
  bool frozen = false;
  Chore chore = Chore::none;  // in Impl::chores when not none
  std::unique_ptr<store::Space> space;
  bool open = false;              // space is there; readable while a worker has it
  bool needs_checkpoint = false;  // as of its last slice
  Instant appointment;            // 0: to be asked. Belongs to the worker, as space does
  SteadyTime last_turn;
  std::list<Lane*>::iterator recent;  // in Impl::recent while open
};

// The turns a worker takes at once: reads, or writes, or one barrier, or a chore.
struct Slice {
  std::vector<ReadTurn> reads;
  std::vector<WriteTurn> writes;
  std::vector<BarrierTurn> barrier;
  Chore chore = Chore::none;
  bool loud = false;  // what the log is to say of the space
};

// A worker that has nothing to do. Each sleeps on a condition of its own, so that it can be chosen
// who wakes: the one who fell asleep last. Its stack and its memory are still in the caches, and a
// busy space stays with one thread, which the kernel then counts as the busy one.
struct Sleeper {
  std::condition_variable wakes;
  bool woken = false;
};

// Workers of one kind, and the lanes that wait for them.
struct Crew {
  bool gives_way = false;
  int workers = 0;
  std::deque<Lane*> ready;       // each lane at most once: round robin
  std::vector<Sleeper*> asleep;  // the last to fall asleep last
};

}  // namespace internal

struct Lanes::Impl {
  Impl(sqlite::Engine& engine, const store::Layout& layout, const Clock& clock, Limits limits,
       std::function<void(const SpaceId&, const std::string&)> on_corrupt, Appointment appointment);

  // lanes.cc; with the mutex held, but for submit and start.
  template <class Queue, class Turn>
  void submit(const SpaceId& space, Queue internal::Lane::*queue, Turn turn);
  Result<void> admit(const internal::Lane& lane) const;
  internal::Lane& lane(const SpaceId& space);
  // True when it became ready: a worker is to be found for it.
  [[nodiscard]] bool make_ready(internal::Lane& lane);
  // Who is to be notified, once the mutex is free; null when nobody sleeps.
  [[nodiscard]] internal::Sleeper* next_sleeper(internal::Crew& crew);
  void wake_one(internal::Crew& crew);
  void wake_all();
  void forget_if_unused(internal::Lane& lane);
  void start();
  void stop();

  // rests.cc; with the mutex held
  internal::Crew& crew_of(const internal::Lane& lane) { return lane.loud ? behind : front; }
  // The lane, the most recent one, had turns that took `took`. True when that is to be told.
  bool charge(internal::Lane& lane, internal::ProcessorTime took);
  // Ends the rests that are over by now; all of them when none is given.
  void wake_rested(std::optional<internal::SteadyTime> now);

  // worker.cc
  void work(internal::Crew& crew, internal::Sleeper& self);
  internal::Lane* pick(internal::Crew& crew, internal::Slice& slice);
  internal::Lane* pick_chore(internal::Slice& slice);
  void take(internal::Lane& lane, internal::Slice& slice);
  void run(internal::Lane& lane, internal::Slice& slice);
  void run_reads(internal::Lane& lane, internal::Slice& slice);
  void run_writes(internal::Lane& lane, internal::Slice& slice);
  void run_barrier(internal::Lane& lane, internal::Slice& slice);
  void run_chore(internal::Lane& lane, internal::Slice& slice);
  internal::Ending run_group(internal::Lane& lane, std::span<internal::WriteTurn> turns);
  void follow(internal::Lane& lane, const internal::Ending& ending);
  bool finish(internal::Lane& lane, internal::Slice& slice, internal::ProcessorTime took);
  Result<store::Space*> opened(internal::Lane& lane);
  // appointment.cc: opened, and what is due is done.
  Result<store::Space*> up_to_date(internal::Lane& lane);
  void ask_appointment(internal::Lane& lane);
  void ask_after_writes(internal::Lane& lane);
  void keep_appointment(internal::Lane& lane);
  void make_room();
  void shut(internal::Lane& lane);
  void drop(internal::Lane& lane);
  void set_open(internal::Lane& lane, bool open);

  // keeper.cc
  void keep_house();
  void look_at(internal::Lane& lane, internal::SteadyTime now, internal::Slice& expired);

  sqlite::Engine& engine;
  const store::Layout layout;
  const Clock& clock;
  const Limits limits;
  const internal::Share share;
  const std::function<void(const SpaceId&, const std::string&)> on_corrupt;
  const Appointment appointment;

  mutable std::mutex mutex;
  std::condition_variable quiet;  // stop() waits here
  std::condition_variable keeper_wakes;
  std::unordered_map<SpaceId, std::unique_ptr<internal::Lane>> lanes;
  internal::Crew front;
  internal::Crew behind;  // for loud lanes
  // By the end of the rest.
  std::set<std::pair<internal::SteadyTime, internal::Lane*>> resting;
  std::deque<internal::Lane*> chores;
  std::list<internal::Lane*> recent;  // open lanes, least recently used first
  std::uint64_t tickets = 0;
  int running = 0;
  int running_chores = 0;
  bool stopping = false;  // no new turns
  bool closing = false;   // nothing is left to run: close everything
  bool over = false;      // threads end
  Counters counters;

  std::deque<internal::Sleeper> sleepers;  // of each worker; outlive the threads
  std::vector<std::thread> threads;
};

// Calls every `done` of a slice. Without the mutex.
void answer(internal::Slice& slice);

}  // namespace essaim::lane
