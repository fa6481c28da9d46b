// What `essaim doctor` asks of the fleet.
#include <set>

#include "features/fleet/fleet.h"
#include "features/fleet/internal/fleet_impl.h"

namespace essaim::fleet {

// Checks the database in its lane; freezes the space when it is damaged.
Result<void> Fleet::check_database(const SpaceId& id) {
  auto sound = wait([&](lane::TurnDone done) {
    parts_.lanes.maintain(
        id, [](store::Space& space) { return space.quick_check(); }, std::move(done));
  });
  if (!sound && sound.error().code == Code::corrupt) {
    TRY_VOID(parts_.registry.set_state(id, State::frozen, sound.error().detail));
  }
  return sound;
}

std::vector<std::string> Fleet::check_space(const SpaceRecord& record) {
  std::vector<std::string> problems;
  if (!parts_.engine.disk().exists(parts_.layout.database(record.id))) {
    problems.push_back("its directory is missing");
    return problems;
  }
  if (record.state == State::frozen) problems.push_back("frozen: " + record.reason);
  auto sound = check_database(record.id);
  if (!sound) {
    problems.push_back("database: " + sound.error().detail);
    return problems;
  }
  auto missing =
      read(record.id, [&](store::ReadTx& tx) { return parts_.blobs.missing(tx, kProblemsMax); });
  if (!missing) {
    problems.push_back("contents: " + missing.error().detail);
    return problems;
  }
  for (const auto& hash : *missing) {
    problems.push_back("content " + hash + " is missing or has the wrong size");
  }
  return problems;
}

Result<std::vector<std::string>> Fleet::check_directories() {
  std::vector<std::string> problems;
  disk::Disk& disk = parts_.engine.disk();
  std::set<std::string> found;
  auto root = parts_.layout.data() + "/spaces";
  std::vector<std::string> shards;
  if (disk.exists(root)) shards = TRY(disk.list(root));
  for (const auto& shard : shards) {
    auto names = TRY(disk.list(root + "/" + shard));
    for (auto& name : names) {
      // A name with a dot is a creation under way.
      if (!name.starts_with('.')) found.insert(std::move(name));
    }
  }
  for (const auto& record : parts_.registry.list()) {
    if (found.erase(record.id.value) == 0 && record.state != State::creating) {
      problems.push_back("space " + record.slug + " has no directory");
    }
  }
  for (const auto& name : found) problems.push_back("directory " + name + " belongs to no space");
  return problems;
}

}  // namespace essaim::fleet
