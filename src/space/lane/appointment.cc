// What comes to its end by itself, seen to before the first turn after that instant.
#include <limits>

#include "space/lane/internal/impl.h"

namespace essaim::lane {

using internal::Lane;
using internal::ReadTurn;
using internal::WriteTurn;

namespace {

constexpr Instant kNothingEnds{std::numeric_limits<std::int64_t>::max()};

}  // namespace

Result<store::Space*> Lanes::Impl::up_to_date(Lane& lane) {
  auto space = opened(lane);
  if (!space || !appointment.next || clock.now() < lane.appointment) return space;
  if (lane.appointment == Instant{}) ask_appointment(lane);
  if (lane.space && clock.now() >= lane.appointment) keep_appointment(lane);
  if (lane.space) return lane.space.get();
  {
    std::lock_guard lock(mutex);
    if (lane.frozen) return fail(Code::closed, "the space is frozen");
  }
  return opened(lane);
}

void Lanes::Impl::ask_appointment(Lane& lane) {
  std::optional<Instant> next;
  ReadTurn turn;
  turn.deadline = std::chrono::steady_clock::now() + limits.read_deadline;
  turn.run = [&](store::ReadTx& tx) { next = appointment.next(tx); };
  auto ending = internal::run_read(*lane.space, clock, turn);
  lane.appointment = next.value_or(kNothingEnds);
  if (!turn.fate) lane.appointment = {clock.now().ms + kAppointmentRetry.count()};
  follow(lane, ending);
}

// They may have brought an earlier one. What is overdue was tried before them.
void Lanes::Impl::ask_after_writes(Lane& lane) {
  if (!lane.space || !appointment.next) return;
  Instant had = lane.appointment;
  ask_appointment(lane);
  if (lane.appointment <= clock.now()) lane.appointment = had;
}

void Lanes::Impl::keep_appointment(Lane& lane) {
  WriteTurn turn;
  turn.deadline = std::chrono::steady_clock::now() + limits.write_deadline;
  turn.run = [this](store::WriteTx& tx) {
    appointment.keep(tx);
    return Verdict::keep;
  };
  follow(lane, run_group(lane, {&turn, 1}));
  if (lane.space && turn.fate) return ask_appointment(lane);
  lane.appointment = {clock.now().ms + kAppointmentRetry.count()};
}

}  // namespace essaim::lane
