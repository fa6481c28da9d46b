#include "server/jobs/jobs.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/log/log.h"
#include "features/access/expiry.h"
#include "features/files/change.h"
#include "features/files/direct_links.h"
#include "features/files/locks.h"
#include "features/files/places.h"
#include "features/files/reach.h"
#include "features/files/trash.h"
#include "features/files/uploads.h"
#include "features/files/usage.h"
#include "features/files/versions.h"
#include "features/members/audit.h"
#include "features/members/flows.h"
#include "features/members/sessions.h"
#include "features/notices/activity.h"
#include "features/previews/previews.h"
#include "space/blobs/inventory.h"
#include "space/journal/journal.h"
#include "space/store/space.h"

namespace essaim::jobs {

namespace {

constexpr std::string_view kMigrate = "migrate";
constexpr std::string_view kExpire = "expire";
constexpr std::string_view kHousekeeping = "housekeeping";
constexpr int kShards = 256;
constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

struct Jobs::Impl {
  Parts parts;
  Limits limits;
  std::mutex lock;
  std::condition_variable changed;
  bool stopping = false;
  std::thread thread;

  Impl(Parts p, Limits l) : parts(p), limits(l) {}

  bool ending() {
    std::lock_guard guard(lock);
    return stopping;
  }
  void run(Jobs& jobs);

  bool migrate();
  bool expire();
  bool housekeeping();
  Result<fleet::JobMark> mark_of(std::string_view job, std::int64_t version);
  template <class Visit>
  Result<void> visit_group(std::string_view job, fleet::JobMark mark, Visit visit);
  void keep_house(const fleet::SpaceRecord& record);
  Result<void> end_expired(const SpaceId& id);
  Result<void> clear_out(const SpaceId& id);
  Result<void> sweep_previews(const SpaceId& id);
  // Repeats a turn of up to rows_per_turn rows until it finds fewer.
  template <class Turn>
  Result<void> repeat(const SpaceId& id, Turn turn);
  Instant now() const { return parts.clock.now(); }
};

// Visits the next spaces after the mark and moves it. The pass ends when none is left.
template <class Visit>
Result<void> Jobs::Impl::visit_group(std::string_view job, fleet::JobMark mark, Visit visit) {
  auto group = parts.registry.after(mark.cursor, limits.group);
  for (const auto& record : group) {
    if (ending()) return {};
    bool asleep = record.state == fleet::State::creating || record.state == fleet::State::frozen ||
                  record.state == fleet::State::deleted;
    if (!asleep) visit(record);
    mark.cursor = record.id;
  }
  if (group.empty()) {
    mark.cursor = {};
    mark.finished = now();
  }
  return parts.registry.set_job_mark(job, mark);
}

// A job that never ran has nothing to catch up with: it counts as done now.
Result<fleet::JobMark> Jobs::Impl::mark_of(std::string_view job, std::int64_t version) {
  auto mark = TRY(parts.registry.job_mark(job));
  if (mark) return *mark;
  fleet::JobMark done{{}, now(), now(), version};
  TRY_VOID(parts.registry.set_job_mark(job, done));
  return done;
}

bool Jobs::Impl::migrate() {
  // A new fleet begins with the schema of this release.
  auto mark = mark_of(kMigrate, store::schema_version());
  if (!mark) return false;
  auto have = *mark;
  if (have.version == store::schema_version() && have.finished) return false;
  if (have.version != store::schema_version()) {
    have = fleet::JobMark{{}, now(), std::nullopt, store::schema_version()};
  }
  auto done = visit_group(kMigrate, have, [&](const fleet::SpaceRecord& record) {
    // Opening is all it takes; a damaged one is frozen by its lane.
    auto opened = parts.fleet.read(record.id, [](store::ReadTx&) { return Result<int>(0); });
    if (opened) return;
    log::error("migration_failed", {{"space", record.slug}, {"reason", opened.error().detail}});
  });
  return done.has_value();
}

bool Jobs::Impl::expire() {
  auto mark = parts.registry.job_mark(kExpire);
  if (!mark) return false;
  auto have = mark->value_or(fleet::JobMark{});
  if (have.finished && have.finished->ms + limits.expire_every.count() > now().ms) return false;
  have.started = now();
  auto removed = parts.fleet.expire(limits.expire_max);
  if (!removed) log::warning("expire_failed", {{"reason", removed.error().detail}});
  have.finished = now();
  return parts.registry.set_job_mark(kExpire, have).has_value();
}

template <class Turn>
Result<void> Jobs::Impl::repeat(const SpaceId& id, Turn turn) {
  for (int i = 0; i < limits.turns_per_visit && !ending(); ++i) {
    int removed = TRY(parts.fleet.write(id, turn));
    if (removed < limits.rows_per_turn) break;
  }
  return {};
}

// What people threw away, replaced or left behind: it goes to the purge, which comes next.
Result<void> Jobs::Impl::clear_out(const SpaceId& id) {
  int rows = limits.rows_per_turn;
  TRY_VOID(repeat(id, [&](store::WriteTx& tx) {
    return Result<int>(files::expire_uploads(tx, parts.blobs, rows));
  }));
  TRY_VOID(repeat(id, [&](store::WriteTx& tx) {
    return Result<int>(files::expire_bins(tx, limits.bin_age, rows));
  }));
  TRY_VOID(
      repeat(id, [&](store::WriteTx& tx) { return Result<int>(files::end_grants(tx, rows)); }));
  TRY_VOID(
      repeat(id, [&](store::WriteTx& tx) { return Result<int>(files::end_holdings(tx, rows)); }));
  NodeId after;
  for (int i = 0; i < limits.turns_per_visit && !ending(); ++i) {
    auto thinned = TRY(parts.fleet.write(id, [&](store::WriteTx& tx) {
      return Result<files::Thinned>(
          files::thin_versions(tx, parts.blobs, after, limits.files_per_turn));
    }));
    if (thinned.files < limits.files_per_turn) break;
    after = thinned.last;
  }
  return repeat(
      id, [&](store::WriteTx& tx) { return Result<int>(files::keep_room(tx, parts.blobs, rows)); });
}

// Guests whose time is over.
Result<void> Jobs::Impl::end_expired(const SpaceId& id) {
  if (parts.key == nullptr) return {};
  return repeat(id, [&](store::WriteTx& tx) {
    return Result<int>(members::end_expired(tx, *parts.key, limits.rows_per_turn));
  });
}

void Jobs::Impl::keep_house(const fleet::SpaceRecord& record) {
  const auto& id = record.id;
  int rows = limits.rows_per_turn;
  auto done = [&]() -> Result<void> {
    TRY_VOID(end_expired(id));
    TRY_VOID(clear_out(id));
    TRY(parts.fleet.write(
        id, [&](store::WriteTx& tx) { return Result<int>(files::warn_of_fullness(tx)); }));
    TRY_VOID(repeat(
        id, [&](store::WriteTx& tx) { return Result<int>(files::purge(tx, parts.blobs, rows)); }));
    TRY_VOID(repeat(
        id, [&](store::WriteTx& tx) { return parts.blobs.sweep(tx, limits.blob_horizon, rows); }));
    TRY_VOID(
        repeat(id, [&](store::WriteTx& tx) { return Result<int>(files::expire_locks(tx, rows)); }));
    TRY_VOID(repeat(
        id, [&](store::WriteTx& tx) { return Result<int>(files::expire_direct_links(tx, rows)); }));
    TRY_VOID(repeat(id, [&](store::WriteTx& tx) {
      return Result<int>(journal::trim(tx, limits.journal_age, rows));
    }));
    TRY_VOID(repeat(
        id, [&](store::WriteTx& tx) { return Result<int>(members::sweep_sessions(tx, rows)); }));
    TRY_VOID(repeat(
        id, [&](store::WriteTx& tx) { return Result<int>(members::sweep_flows(tx, rows)); }));
    TRY_VOID(repeat(
        id, [&](store::WriteTx& tx) { return Result<int>(notices::trim_activity(tx, rows)); }));
    if (parts.key != nullptr) {
      TRY_VOID(repeat(id, [&](store::WriteTx& tx) {
        return Result<int>(members::audit::trim(tx, *parts.key, rows));
      }));
    }
    // Other folders every day, all of them in 16 days.
    auto day = now().ms / kDayMs;
    for (int i = 0; i < limits.shards_per_visit; ++i) {
      int shard = static_cast<int>((day * limits.shards_per_visit + i) % kShards);
      TRY(parts.fleet.write(
          id, [&](store::WriteTx& tx) { return parts.blobs.sweep_orphans(tx, shard); }));
    }
    return sweep_previews(id);
  }();
  if (done) return;
  log::warning("housekeeping_failed", {{"space", record.slug}, {"reason", done.error().detail}});
}

// Previews go as soon as nothing refers to their content, although the content itself is kept for a
// restore: they can be made again, and what someone deleted should not be shown by its picture.
Result<void> Jobs::Impl::sweep_previews(const SpaceId& id) {
  TRY_VOID(repeat(id, [&](store::WriteTx& tx) {
    return Result<int>(previews::forget_failures(tx, limits.rows_per_turn));
  }));
  if (parts.previews == nullptr) return {};
  for (int shard = 0; shard < previewer::kShards && !ending(); ++shard) {
    auto hashes = TRY(parts.previews->contents(id, shard));
    if (hashes.empty()) continue;
    auto gone = TRY(parts.fleet.read(id, [&](store::ReadTx& tx) {
      return Result<std::vector<std::string>>(blobs::unreferenced(tx, hashes));
    }));
    if (!gone.empty()) TRY(parts.previews->remove(id, shard, gone));
  }
  TRY(parts.previews->trim(id));
  return {};
}

bool Jobs::Impl::housekeeping() {
  auto mark = mark_of(kHousekeeping, 0);
  if (!mark) return false;
  auto have = *mark;
  if (have.finished) {
    if (have.started.ms + limits.housekeeping_every.count() > now().ms) return false;
    have = fleet::JobMark{{}, now(), std::nullopt, 0};
  }
  auto done = visit_group(kHousekeeping, have,
                          [&](const fleet::SpaceRecord& record) { keep_house(record); });
  return done.has_value();
}

void Jobs::Impl::run(Jobs& jobs) {
  Duration wait = limits.settle;
  while (true) {
    {
      std::unique_lock guard(lock);
      if (changed.wait_for(guard, wait, [&] { return stopping; })) return;
    }
    bool more = false;
    try {
      more = jobs.step();
    } catch (const std::exception& bug) {
      log::error("job_failed", {{"reason", bug.what()}});
    }
    wait = more ? limits.pause : limits.idle;
  }
}

lane::Appointment appointment() {
  return {.next = access::first_grant_end,
          .keep = [](store::WriteTx& tx) { files::end_grants(tx, kEndsPerTurn); }};
}

Jobs::Jobs(Parts parts, Limits limits) : impl_(std::make_unique<Impl>(parts, limits)) {}

Jobs::~Jobs() {
  {
    std::lock_guard guard(impl_->lock);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  if (impl_->thread.joinable()) impl_->thread.join();
}

void Jobs::start() {
  impl_->thread = std::thread([this] { impl_->run(*this); });
}

bool Jobs::step() {
  if (impl_->migrate()) return true;
  if (impl_->expire()) return true;
  return impl_->housekeeping();
}

}  // namespace essaim::jobs
