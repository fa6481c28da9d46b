#include "server/previewer/portraits.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <utility>

#include "base/log/log.h"
#include "platform/loop/workers.h"
#include "server/previewer/internal/helper.h"

namespace essaim::previewer {

namespace {

using Time = std::chrono::steady_clock;

Error error_of(const Result<child::Outcome>& outcome) {
  if (!outcome) return {Code::busy, outcome.error().detail};
  if (outcome->fate == child::Fate::cancelled) return {Code::busy, "stopping"};
  if (outcome->fate == child::Fate::ended) {
    if (outcome->exit_code == internal::kNoSandbox) return {Code::unsupported, "no sandbox"};
    if (outcome->exit_code == internal::kTooLarge) return {Code::too_large, "pixels"};
  }
  return {Code::bad_request, "no picture that can be drawn"};
}

}  // namespace

struct Portraits::Impl {
  Impl(std::string program_, PortraitLimits limits_)
      : program(std::move(program_)),
        limits(limits_),
        cancel(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        worker(
            1, "portraits",
            {.waiting_of_one = limits.waiting_of_space_max, .waiting_of_all = limits.waiting_max}) {
  }

  Result<members::Picture> draw(const SpaceId& space, const UniqueFd& file);
  Result<std::string> draw(const SpaceId& space, const UniqueFd& file, int side, bool png);

  const std::string program;
  const PortraitLimits limits;
  UniqueFd cancel;  // readable once the helper is to end
  std::atomic<bool> stopped{false};
  loop::Workers worker;
};

Result<std::string> Portraits::Impl::draw(const SpaceId& space, const UniqueFd& file, int side,
                                          bool png) {
  std::string length = std::to_string(side);
  child::Command command{program, {"image", "exact", length + "x" + length}};
  if (png) command.arguments.emplace_back("png");
  auto began = Time::now();
  auto outcome = child::run(command, file, limits.helper, cancel.get());
  auto took = std::chrono::duration_cast<Duration>(Time::now() - began).count();
  log::info("portrait", {{"space", space.value},
                         {"side", side},
                         {"fate", internal::fate_word(outcome)},
                         {"detail", internal::detail_of(outcome)},
                         {"ms", static_cast<std::int64_t>(took)}});
  if (!internal::has_drawn(outcome)) return tl::unexpected(error_of(outcome));
  return std::move(outcome->output);
}

Result<members::Picture> Portraits::Impl::draw(const SpaceId& space, const UniqueFd& file) {
  if (stopped) return fail(Code::busy, "stopping");
  members::Picture out;
  out.large = TRY(draw(space, file, members::kPictureLarge, false));
  // The smaller ones are drawn from the large one: what was chosen is decoded once.
  auto again = TRY(child::in_memory(out.large));
  out.medium = TRY(draw(space, again, members::kPictureMedium, true));
  again = TRY(child::in_memory(out.large));
  out.small = TRY(draw(space, again, members::kPictureSmall, true));
  return out;
}

Portraits::Portraits(std::string program, PortraitLimits limits)
    : impl_(std::make_unique<Impl>(std::move(program), limits)) {}

Portraits::~Portraits() {
  stop();
}

void Portraits::stop() {
  Impl& impl = *impl_;
  if (impl.stopped.exchange(true)) return;
  std::uint64_t one = 1;
  (void)!::write(impl.cancel.get(), &one, sizeof one);
  impl.worker.finish();
}

void Portraits::draw(const SpaceId& space, UniqueFd file, Done<Result<members::Picture>> done) {
  Impl& impl = *impl_;
  if (impl.program.empty()) return done(fail(Code::unsupported, "there is no essaim-thumb"));
  // Told once, whether the job runs or is dropped.
  auto told = std::make_shared<Done<Result<members::Picture>>>(std::move(done));
  bool taken = impl.worker.run(space.value, [&impl, space, file = std::move(file), told] {
    (*told)(impl.draw(space, file));
  });
  if (!taken) (*told)(fail(Code::busy, "pictures of people"));
}

}  // namespace essaim::previewer
