// Creating spaces, one by one or thousands at once, and what a restart does about a creation or a
// restore that a crash cut short.
#include <algorithm>

#include "base/log/log.h"
#include "features/fleet/fleet.h"
#include "features/fleet/internal/fleet_impl.h"
#include "features/fleet/names.h"

namespace essaim::fleet {

namespace {

constexpr std::size_t kGroup =
    500;  // spaces that share the commits and the sync of a bulk creation

SpaceRecord record_of(const NewSpace& wanted, Instant now) {
  SpaceRecord record;
  record.id = new_space_id();
  record.slug = wanted.slug;
  record.display_name = wanted.display_name;
  record.hosts = wanted.hosts;
  record.state = State::creating;
  record.created = now;
  return record;
}

Result<void> check_plan_of(const NewSpace& wanted) {
  return check_plan(wanted.quota_bytes, wanted.accounts_max);
}

store::NewSpace contents_of(const NewSpace& wanted, Instant now) {
  return store::NewSpace{wanted.display_name, wanted.quota_bytes, now, wanted.accounts_max};
}

}  // namespace

Result<void> check_plan(ByteCount quota_bytes, std::int64_t accounts_max) {
  if (quota_bytes < 0) {
    return fail(Code::bad_request, "a quota is a number of bytes, not below zero");
  }
  if (accounts_max < 1 || accounts_max > store::kAccountsMax) {
    return fail(Code::bad_request,
                "a space has 1 to " + std::to_string(store::kAccountsMax) + " accounts");
  }
  return {};
}

Result<SpaceRecord> Fleet::create_space(const NewSpace& wanted) {
  TRY_VOID(check_plan_of(wanted));
  auto record = record_of(wanted, parts_.clock.now());
  TRY_VOID(parts_.registry.add(record));
  auto built = store::create(parts_.engine, parts_.layout, record.id,
                             contents_of(wanted, record.created), disk::Disk::Durable::yes);
  if (built) built = parts_.registry.set_state(record.id, State::ready, "");
  if (!built) {
    auto undone = undo_creation(record.id);
    if (!undone) log::warning("creation_left", {{"reason", undone.error().detail}});
    return tl::unexpected(std::move(built.error()));
  }
  return parts_.registry.show(record.id);
}

Fleet::Bulk Fleet::create_many(std::span<const NewSpace> wanted) {
  Bulk bulk;
  if (std::cmp_greater(wanted.size(), kBulkMax)) {
    bulk.error = Error{Code::too_large, "at most 100,000 spaces at once"};
    return bulk;
  }
  while (!wanted.empty()) {
    auto group = wanted.first(std::min(kGroup, wanted.size()));
    auto created = create_group(group);
    if (!created) {
      bulk.error = std::move(created.error());
      return bulk;
    }
    bulk.created += static_cast<int>(group.size());
    wanted = wanted.subspan(group.size());
  }
  return bulk;
}

Result<void> Fleet::create_group(std::span<const NewSpace> wanted) {
  Instant now = parts_.clock.now();
  std::vector<SpaceRecord> records;
  std::vector<SpaceId> ids;
  for (const auto& space : wanted) {
    TRY_VOID(check_plan_of(space));
    records.push_back(record_of(space, now));
    ids.push_back(records.back().id);
  }
  TRY_VOID(parts_.registry.add(records));
  auto built = [&]() -> Result<void> {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      TRY_VOID(store::create(parts_.engine, parts_.layout, ids[i], contents_of(wanted[i], now),
                             disk::Disk::Durable::no));
    }
    TRY_VOID(parts_.engine.disk().sync_file_system(parts_.layout.data()));
    return parts_.registry.set_state(ids, State::ready, "");
  }();
  if (built) return {};
  for (const auto& id : ids) {
    auto undone = undo_creation(id);
    if (!undone) log::warning("creation_left", {{"reason", undone.error().detail}});
  }
  return built;
}

// Takes away whatever a creation has made so far; the registry entry goes last. It first has to say
// `creating` for certain: the commit that made the space ready may have failed and be there all the
// same, and a space that is ready keeps its directory.
Result<void> Fleet::undo_creation(const SpaceId& id) {
  TRY_VOID(parts_.registry.set_state(id, State::creating, ""));
  disk::Disk& disk = parts_.engine.disk();
  auto folder = parts_.layout.folder(id);
  TRY_VOID(disk.remove_tree(folder));
  // Where store::create builds before it renames.
  TRY_VOID(disk.remove_tree(folder.substr(0, folder.rfind('/')) + "/.new-" + id.value));
  return parts_.registry.remove(id);
}

// A creation counts as done when its directory is there and holds a sound database: directories
// come into place whole, but those of a bulk creation are only durable after its sync.
Result<bool> Fleet::finish_creation(const SpaceRecord& record) {
  if (!parts_.engine.disk().exists(parts_.layout.database(record.id))) return false;
  auto space = store::Space::open(parts_.engine, parts_.layout, record.id);
  if (space) {
    auto sound = (*space)->quick_check();
    if (!sound) space = tl::unexpected(sound.error());
  }
  if (!space) {
    if (space.error().code == Code::corrupt) return false;
    return tl::unexpected(std::move(space.error()));
  }
  TRY_VOID(parts_.registry.set_state(record.id, State::ready, ""));
  return true;
}

// A restored space is open, unless an operator had closed it on purpose.
Result<void> Fleet::settle_restored(const SpaceRecord& record) {
  if (record.state != State::frozen && record.state != State::deleted) return {};
  return parts_.registry.set_state(record.id, State::ready, "");
}

// `staged` is the name of a staging folder with a complete space that was about to replace another.
Result<void> Fleet::finish_restore(const std::string& staged) {
  SpaceId id{staged.substr(internal::kRestorePrefix.size())};
  auto record = parts_.registry.show(id);
  if (!valid_space_id(id.value) || !record) return {};
  disk::Disk& disk = parts_.engine.disk();
  store::Layout incoming(internal::staging(parts_.layout) + "/" + staged);
  auto target = parts_.layout.folder(id);
  // The old directory is still there: the restore had not begun, nobody was told it had.
  if (disk.exists(target) || !disk.exists(incoming.folder(id))) return {};
  TRY_VOID(internal::move_folder(disk, incoming.folder(id), target));
  TRY_VOID(settle_restored(*record));
  log::info("restore_finished", {{"id", id.value}});
  return {};
}

Result<Fleet::Recovered> Fleet::recover() {
  Recovered report;
  disk::Disk& disk = parts_.engine.disk();
  auto folder = internal::staging(parts_.layout);
  TRY_VOID(disk.make_folders(folder, disk::Disk::Durable::yes));
  auto names = TRY(disk.list(folder));
  for (const auto& name : names) {
    if (name.starts_with(internal::kRestorePrefix)) TRY_VOID(finish_restore(name));
    TRY_VOID(disk.remove_tree(folder + "/" + name));
    ++report.litter;
  }
  for (const auto& record : parts_.registry.list()) {
    if (record.state != State::creating) continue;
    bool finished = TRY(finish_creation(record));
    if (finished) {
      ++report.finished;
    } else {
      TRY_VOID(undo_creation(record.id));
      ++report.undone;
    }
  }
  return report;
}

}  // namespace essaim::fleet
