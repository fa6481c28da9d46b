#include "server/previewer/previewer.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <future>
#include <thread>
#include <utility>

#include "base/log/log.h"
#include "platform/loop/thread.h"
#include "platform/loop/workers.h"
#include "server/previewer/internal/flights.h"
#include "server/previewer/internal/helper.h"

namespace essaim::previewer {

namespace {

using internal::Flight;
using internal::Time;

using internal::kDone;
using internal::kNoSandbox;

std::string_view kind_word(previews::Kind kind) {
  switch (kind) {
    case previews::Kind::pdf:
      return "pdf";
    case previews::Kind::text:
      return "text";
    default:
      return "image";
  }
}

std::string_view mode_word(previews::Mode mode) {
  switch (mode) {
    case previews::Mode::fill:
      return "fill";
    case previews::Mode::cover:
      return "cover";
    default:
      return "crop";
  }
}

child::Command command_of(const std::string& program, const Wanted& wanted) {
  return {program,
          {std::string(kind_word(wanted.kind)), std::string(mode_word(wanted.shape.mode)),
           std::to_string(wanted.shape.width) + "x" + std::to_string(wanted.shape.height)}};
}

}  // namespace

struct Previewer::Impl {
  Impl(lane::Lanes& lanes_, Cache& cache_, std::string program_, Limits limits_)
      : lanes(lanes_),
        cache(cache_),
        program(std::move(program_)),
        limits(limits_),
        flights(limits_),
        cancel(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  void read(Wanted wanted, Done<Made> done);
  void check();
  void work();
  void make(Flight& flight);
  // What came of a run of the helper: the answer, after what is to be remembered is on disk.
  Made judge(const Flight& flight, Result<child::Outcome> outcome);
  Made remember(const Flight& flight, Duration kept);
  void report(const Flight& flight, std::string_view fate, Time::time_point began, int detail,
              ByteCount bytes);

  lane::Lanes& lanes;
  Cache& cache;
  std::string program;
  Limits limits;
  internal::Flights flights;
  UniqueFd cancel;  // readable once the helpers are to end
  std::atomic<previews::Offer> offer{previews::Offer::nothing};
  std::atomic<int> reading{0};
  std::atomic<bool> stopped{false};
  std::unique_ptr<loop::Workers> readers;
  std::vector<std::thread> threads;
};

// On a reader: the cache first, then a helper.
void Previewer::Impl::read(Wanted wanted, Done<Made> done) {
  auto found = cache.read(wanted.space, wanted.hash, previews::name_of(wanted.kind, wanted.shape));
  --reading;
  if (found) return done(std::move(*found));
  flights.join(std::move(wanted), std::move(done));
}

void Previewer::Impl::check() {
  auto nothing = child::in_memory("");
  if (!nothing) return;
  auto outcome = child::run({program, {"check"}}, *nothing, limits.helper, cancel.get());
  bool good = outcome && outcome->fate == child::Fate::ended && outcome->exit_code == kDone;
  auto can = previews::Offer::nothing;
  if (good) {
    bool documents = outcome->output.ends_with("documents");
    can = documents ? previews::Offer::everything : previews::Offer::images;
  }
  offer = can;
  if (outcome && outcome->fate == child::Fate::cancelled) return;
  if (can == previews::Offer::everything) {
    log::info("previews_on", {{"helper", program}, {"isolated", outcome->isolated ? 1 : 0}});
  } else {
    log::warning(
        can == previews::Offer::images ? "previews_of_images_only" : "previews_off",
        {{"helper", program},
         {"reason", outcome ? "its sandbox is not to be had here" : outcome.error().detail}});
  }
}

void Previewer::Impl::work() {
  loop::name_this_thread("previews");
  while (auto flight = flights.next()) {
    try {
      make(*flight);
    } catch (const std::exception& bug) {
      log::error("preview_exception", {{"what", bug.what()}});
      flights.land(*flight, fail(Code::busy, "a bug"));
    }
  }
}

void Previewer::Impl::make(Flight& flight) {
  const Wanted& wanted = flight.wanted;
  auto name = previews::name_of(wanted.kind, wanted.shape);
  // It may have landed between the look into the cache and the queue.
  if (auto found = cache.read(wanted.space, wanted.hash, name)) {
    return flights.land(flight, std::move(*found));
  }
  auto input = std::move(flight.wanted.content.file);
  if (!input) {
    auto memory = child::in_memory(wanted.content.inline_bytes);
    if (!memory) return flights.land(flight, fail(Code::busy, memory.error().detail));
    input = std::move(*memory);
  }
  auto began = Time::now();
  auto outcome = child::run(command_of(program, wanted), input, limits.helper, cancel.get());
  if (!internal::has_drawn(outcome)) {
    report(flight, internal::fate_word(outcome), began, internal::detail_of(outcome), 0);
    return flights.land(flight, judge(flight, std::move(outcome)));
  }
  report(flight, "made", began, 0, static_cast<ByteCount>(outcome->output.size()));
  auto kept = cache.write(wanted.space, wanted.hash, name, outcome->output);
  if (!kept) log::warning("preview_not_kept", {{"reason", kept.error().detail}});
  flights.land(flight, std::move(outcome->output));
}

Made Previewer::Impl::judge(const Flight& flight, Result<child::Outcome> outcome) {
  // The machine's trouble is not the content's.
  if (!outcome) return fail(Code::busy, outcome.error().detail);
  if (outcome->fate == child::Fate::cancelled) return fail(Code::busy, "stopping");
  if (outcome->fate != child::Fate::ended) return remember(flight, limits.died_kept);
  if (outcome->exit_code == kNoSandbox) return fail(Code::not_found, "no sandbox");
  return remember(flight, limits.refused_kept);
}

Made Previewer::Impl::remember(const Flight& flight, Duration kept) {
  std::promise<void> written;
  auto waiting = written.get_future();
  lanes.write(
      flight.wanted.space,
      [&, kept](store::WriteTx& tx) {
        previews::note_failure(tx, flight.wanted.hash, flight.wanted.kind, kept);
        return lane::Verdict::keep;
      },
      [&](const Result<void>& fate) {
        if (!fate) log::warning("preview_failure_not_kept", {{"reason", fate.error().detail}});
        written.set_value();
      });
  waiting.wait();
  flights.fail_for_a_while(flight);
  return fail(Code::not_found, "no preview of this content");
}

void Previewer::Impl::report(const Flight& flight, std::string_view fate, Time::time_point began,
                             int detail, ByteCount bytes) {
  auto took = std::chrono::duration_cast<Duration>(Time::now() - began).count();
  log::info("preview", {{"space", flight.wanted.space.value},
                        {"content", flight.wanted.hash},
                        {"shape", previews::name_of(flight.wanted.kind, flight.wanted.shape)},
                        {"fate", fate},
                        {"detail", detail},
                        {"bytes", bytes},
                        {"ms", static_cast<std::int64_t>(took)}});
}

Previewer::Previewer(lane::Lanes& lanes, Cache& cache, std::string program, Limits limits)
    : impl_(std::make_unique<Impl>(lanes, cache, std::move(program), limits)) {}

Previewer::~Previewer() {
  stop();
}

void Previewer::start() {
  Impl& impl = *impl_;
  if (impl.program.empty() || impl.limits.slots == 0) {
    log::info("previews_off", {{"reason", impl.program.empty() ? "there is no essaim-thumb"
                                                               : "preview_slots is 0"}});
    return;
  }
  // Until it has been tried, the helper is believed to do everything.
  impl.offer = previews::Offer::everything;
  impl.readers = std::make_unique<loop::Workers>(impl.limits.readers, "preview-cache");
  impl.threads.emplace_back([&impl] {
    impl.check();
    impl.work();
  });
  for (int i = 1; i < impl.limits.slots; ++i) impl.threads.emplace_back([&impl] { impl.work(); });
  impl.threads.emplace_back([&impl] {
    while (impl.flights.watch()) impl.flights.expire(Time::now());
  });
}

void Previewer::stop() {
  Impl& impl = *impl_;
  if (impl.stopped.exchange(true)) return;
  impl.offer = previews::Offer::nothing;
  std::uint64_t one = 1;
  (void)!::write(impl.cancel.get(), &one, sizeof one);
  if (impl.readers) impl.readers->finish();
  impl.flights.stop();
  for (auto& thread : impl.threads) thread.join();
}

previews::Offer Previewer::offer() const {
  return impl_->offer;
}

void Previewer::get(Wanted wanted, Done<Made> done) {
  Impl& impl = *impl_;
  if (impl.stopped || !impl.readers) return done(fail(Code::busy, "no previews now"));
  if (++impl.reading > impl.limits.reads_max) {
    --impl.reading;
    return done(fail(Code::busy, "previews"));
  }
  std::string group = wanted.space.value;
  impl.readers->run(group, [&impl, wanted = std::move(wanted), done = std::move(done)]() mutable {
    impl.read(std::move(wanted), std::move(done));
  });
}

std::string find_helper(const std::string& configured) {
  namespace fs = std::filesystem;
  std::error_code error;
  auto self = fs::read_symlink("/proc/self/exe", error).parent_path();
  fs::path candidates[] = {configured, self / internal::kProgram,
                           self.parent_path() / "libexec" / "essaim" / internal::kProgram};
  for (const auto& candidate : candidates) {
    if (!candidate.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    if (!configured.empty()) return {};
  }
  return {};
}

}  // namespace essaim::previewer
