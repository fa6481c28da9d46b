#include "features/fleet/fleet.h"

#include <charconv>
#include <future>

#include "base/log/log.h"
#include "base/secrets/secrets.h"
#include "features/fleet/internal/fleet_impl.h"
#include "features/fleet/names.h"

namespace essaim::fleet {

namespace internal {

Result<StagingFolder> StagingFolder::make(disk::Disk& disk, const store::Layout& layout) {
  std::string path = staging(layout) + "/" + secrets::random_hex(16);
  TRY_VOID(disk.make_folders(path, disk::Disk::Durable::no));
  return StagingFolder(disk, std::move(path));
}

StagingFolder::StagingFolder(StagingFolder&& other) noexcept
    : disk_(std::exchange(other.disk_, nullptr)), path_(std::move(other.path_)) {}

StagingFolder::~StagingFolder() {
  if (disk_ == nullptr) return;
  auto removed = disk_->remove_tree(path_);
  if (!removed) log::warning("staging_left", {{"reason", removed.error().detail}});
}

Result<void> StagingFolder::rename(const std::string& to) {
  TRY_VOID(disk_->rename(path_, to));
  path_ = to;
  return {};
}

Result<void> move_folder(disk::Disk& disk, const std::string& from, const std::string& to) {
  auto around = to.substr(0, to.rfind('/'));
  TRY_VOID(disk.make_folders(around, disk::Disk::Durable::yes));
  return disk.rename(from, to);
}

}  // namespace internal

Fleet::Fleet(Parts parts) : parts_(parts), impl_(std::make_unique<Impl>()) {}

Fleet::~Fleet() = default;

Result<void> Fleet::wait(const std::function<void(lane::TurnDone)>& start) {
  // Shared, because the worker may still be inside set_value when the waiter has gone on.
  auto fate = std::make_shared<std::promise<Result<void>>>();
  auto known = fate->get_future();
  start([fate](Result<void> result) { fate->set_value(std::move(result)); });
  return known.get();
}

Result<void> Fleet::suspend(std::string_view slug, Closed closed, std::string_view reason) {
  auto record = TRY(parts_.registry.show(slug));
  if (record.state == State::creating || record.state == State::deleted ||
      record.state == State::frozen) {
    return fail(Code::conflict, "space " + record.slug + " is " + std::string(name(record.state)));
  }
  auto state = closed == Closed::for_all ? State::suspended : State::suspended_read_only;
  return parts_.registry.set_state(record.id, state, reason);
}

Result<void> Fleet::resume(std::string_view slug) {
  auto record = TRY(parts_.registry.show(slug));
  if (record.state == State::ready) return {};
  if (record.state == State::creating) {
    return fail(Code::conflict, "space " + record.slug + " is being created");
  }
  auto claim = impl_->claims.claim(record.id);
  if (!claim) return fail(Code::locked, "another command is at work on space " + record.slug);
  record = TRY(parts_.registry.show(slug));  // it may have been removed meanwhile
  if (!parts_.engine.disk().exists(parts_.layout.database(record.id))) {
    return fail(Code::corrupt, "the data of space " + record.slug + " is gone");
  }
  if (record.state == State::frozen) {
    // What the lane remembers of the damage goes with its connection.
    TRY_VOID(wait([&](lane::TurnDone done) { parts_.lanes.hold(record.id, std::move(done)); }));
    parts_.lanes.release(record.id);
    TRY_VOID(check_database(record.id));
  }
  return parts_.registry.set_state(record.id, State::ready, "");
}

Result<void> Fleet::delete_space(std::string_view slug) {
  auto record = TRY(parts_.registry.show(slug));
  if (record.state == State::creating || record.state == State::deleted) {
    return fail(Code::conflict, "space " + record.slug + " is " + std::string(name(record.state)));
  }
  TRY_VOID(parts_.registry.set_state(record.id, State::deleted, ""));
  // Nobody asks for it any more: give its descriptors back now.
  (void)wait([&](lane::TurnDone done) { parts_.lanes.close(record.id, std::move(done)); });
  return {};
}

Result<void> Fleet::remove_space(const SpaceRecord& record) {
  auto claim = impl_->claims.claim(record.id);
  if (!claim) return fail(Code::locked, "another command is at work on space " + record.slug);
  auto now = TRY(parts_.registry.show(record.id));
  if (now.state != State::deleted) return fail(Code::conflict, "resumed meanwhile");
  TRY_VOID(wait([&](lane::TurnDone done) { parts_.lanes.hold(record.id, std::move(done)); }));
  disk::Disk& disk = parts_.engine.disk();
  auto removed = [&]() -> Result<void> {
    auto folder = parts_.layout.folder(record.id);
    if (disk.exists(folder)) {
      // First out of sight in one step, so that a half-removed space can never be resumed.
      auto staged = TRY(internal::StagingFolder::make(disk, parts_.layout));
      TRY_VOID(disk.rename(folder, staged.path() + "/space"));
      return parts_.registry.remove(record.id);
    }
    return parts_.registry.remove(record.id);
  }();
  parts_.lanes.release(record.id);
  return removed;
}

Result<int> Fleet::expire(int count) {
  int removed = 0;
  std::int64_t now = parts_.clock.now().ms;
  std::int64_t held_ms = std::chrono::milliseconds(kDeletedHeld).count();
  for (const auto& record : parts_.registry.list()) {
    if (removed >= count) break;
    if (!record.deleted || record.deleted->ms + held_ms > now) continue;
    auto gone = remove_space(record);
    if (!gone) {
      log::warning("expire_failed", {{"space", record.slug}, {"reason", gone.error().detail}});
      continue;
    }
    log::info("space_removed", {{"space", record.slug}, {"id", record.id.value}});
    ++removed;
  }
  return removed + TRY(expire_aside(count));
}

Result<int> Fleet::expire_aside(int count) {
  disk::Disk& disk = parts_.engine.disk();
  auto folder = internal::aside(parts_.layout);
  if (!disk.exists(folder)) return 0;
  int removed = 0;
  std::int64_t kept_ms = std::chrono::milliseconds(kReplacedKept).count();
  auto names = TRY(disk.list(folder));
  for (const auto& name : names) {
    if (removed >= count) break;
    std::int64_t since = 0;
    auto read = std::from_chars(name.data(), name.data() + name.size(), since);
    if (read.ec != std::errc() || *read.ptr != '.') continue;
    if (since + kept_ms > parts_.clock.now().ms) continue;
    TRY_VOID(disk.remove_tree(folder + "/" + name));
    ++removed;
  }
  return removed;
}

}  // namespace essaim::fleet
