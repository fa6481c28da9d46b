// What one does with whole spaces: create, suspend, delete, copy out, bring in, check. The only
// feature that sees two spaces.
//
// Everything here blocks, on the disk or on a space's lane: call it from a worker of the operator's
// door or of the jobs, never from a loop thread and never from a turn in a lane. Thread-safe.
//
// Every change is a sequence of steps, each of them whole after a crash; recover() finishes or
// undoes what a crash left half done. On disk, beside the spaces:
//   <data>/staging/<token>/        an import being received, a deleted space being removed
//   <data>/staging/restore.<id>/   an import that is complete and about to replace a space
//   <data>/aside/<ms>.<id>.<token>/ what a restore replaced, kept for 7 days
//
// The details of errors are lines for the operator.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/core/check.h"
#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "features/fleet/registry.h"
#include "formats/http/message.h"
#include "platform/sqlite/engine.h"
#include "space/blobs/blobs.h"
#include "space/lane/lanes.h"
#include "space/store/space.h"
#include "space/store/tx.h"

namespace essaim::fleet {

inline constexpr std::chrono::hours kDeletedHeld{24 * 30};
inline constexpr std::chrono::hours kReplacedKept{24 * 7};
inline constexpr int kBulkMax = 100'000;  // spaces in one create_many
inline constexpr int kProblemsMax = 100;  // reported by one check of one space

struct NewSpace {
  std::string slug;
  std::string display_name;
  std::vector<std::string> hosts;  // besides <slug>.<domain>
  ByteCount quota_bytes = 50 * kGiB;
  int accounts_max = store::kAccountsMax;
};

// Error: bad_request, when a space could not have this plan.
Result<void> check_plan(ByteCount quota_bytes, std::int64_t accounts_max);

enum class Closed : bool { for_writes, for_all };

// What the fleet works with; all of it outlives the fleet.
struct Parts {
  sqlite::Engine& engine;
  const store::Layout& layout;
  lane::Lanes& lanes;
  blobs::Store& blobs;
  Registry& registry;
  const Clock& clock;
};

class Import;

class Fleet {
 public:
  explicit Fleet(Parts parts);
  ~Fleet();

  const Registry& registry() const { return parts_.registry; }

  // Call once at start, before anything else here. Cost: one look at <data>/staging, and an open
  // for each space that was being created.
  struct Recovered {
    int finished = 0;  // creations and restores
    int undone = 0;    // creations
    int litter = 0;    // folders removed from staging
  };
  Result<Recovered> recover();

  // Errors: exists, bad_request, too_large, io, disk_full. Cost: 2 commits of the registry and 3
  // fsyncs.
  Result<SpaceRecord> create_space(const NewSpace& wanted);
  // In groups of 500 that share commits and one sync of the file system. Each group exists
  // whole or not at all; `created` counts those that are there, also beside an error.
  struct Bulk {
    int created = 0;
    std::optional<Error> error;
  };
  Bulk create_many(std::span<const NewSpace> wanted);

  // Errors: not_found, conflict (being created, deleted).
  Result<void> suspend(std::string_view slug, Closed closed, std::string_view reason);
  // Opens it again, whatever it was: suspended, frozen (its database is checked first: corrupt), or
  // deleted and still held. Errors: not_found, conflict (being created), corrupt.
  Result<void> resume(std::string_view slug);
  // Closes it for all; it is held for kDeletedHeld and then removed by expire(). Its slug and hosts
  // stay taken until then. Errors: not_found, conflict (being created, deleted already).
  Result<void> delete_space(std::string_view slug);

  // A copy of the space as one tar, read with tar(1) and sqlite3(1): manifest.json (format version,
  // the facts of the space, what follows with its hash), main.db (one moment in time),
  // blobs/cd/<sha256>. The database is copied before this returns; the blobs are read, and their
  // hashes checked, as the source is pulled. Destroy the source before the fleet. Errors:
  // not_found, locked (another copy or restore is at work), closed (frozen), io, disk_full.
  Result<std::unique_ptr<http::Source>> export_space(std::string_view slug);

  // Takes such a tar in; see Import. `as`: the slug; empty: the one it had. Destroy the import
  // before the fleet. Errors: bad_request, io, disk_full.
  Result<std::unique_ptr<Import>> begin_import(std::string_view as);

  // What is wrong with a space, as lines for the operator; empty: nothing. A database that is
  // damaged freezes the space. Cost: reads the whole database, and looks at each blob.
  std::vector<std::string> check_space(const SpaceRecord& record);
  // Registry entries without a directory, and directories without an entry.
  Result<std::vector<std::string>> check_directories();

  // Removes spaces deleted for longer than kDeletedHeld and directories kept aside for longer than
  // kReplacedKept. At most `count` of each. Returns how many were removed.
  Result<int> expire(int count);

  // Runs one turn in the lane of a space and waits for it. `run` takes a store::ReadTx& and returns
  // a Result<T>. Errors: those of `run`, and busy, timeout, closed, io, internal.
  template <class F>
  auto read(const SpaceId& id, F run) -> std::invoke_result_t<F&, store::ReadTx&> {
    std::optional<std::invoke_result_t<F&, store::ReadTx&>> answer;
    TRY_VOID(wait([&](lane::TurnDone done) {
      parts_.lanes.read(
          id, [&](store::ReadTx& tx) { answer.emplace(run(tx)); }, std::move(done));
    }));
    CHECK(answer.has_value());
    return std::move(*answer);
  }
  // A read that takes its time: alone in the lane, without a deadline. For checks.
  template <class F>
  auto inspect(const SpaceId& id, F run) -> std::invoke_result_t<F&, store::ReadTx&> {
    std::optional<std::invoke_result_t<F&, store::ReadTx&>> answer;
    TRY_VOID(wait([&](lane::TurnDone done) {
      parts_.lanes.maintain(
          id,
          [&](store::Space& space) -> Result<void> {
            store::ReadTx tx(space.database(), space.facts(), parts_.clock.now());
            answer.emplace(run(tx));
            return {};
          },
          std::move(done));
    }));
    CHECK(answer.has_value());
    return std::move(*answer);
  }
  // A turn with a store::WriteTx&; an error of `run` undoes the write. `run` may be called more
  // than once and touches nothing but the transaction. Durable when it returns.
  template <class F>
  auto write(const SpaceId& id, F run) -> std::invoke_result_t<F&, store::WriteTx&> {
    std::optional<std::invoke_result_t<F&, store::WriteTx&>> answer;
    TRY_VOID(wait([&](lane::TurnDone done) {
      parts_.lanes.write(
          id,
          [&](store::WriteTx& tx) {
            answer.reset();
            answer.emplace(run(tx));
            return answer->has_value() ? lane::Verdict::keep : lane::Verdict::undo;
          },
          std::move(done));
    }));
    CHECK(answer.has_value());
    return std::move(*answer);
  }

 private:
  friend class Import;
  struct Impl;

  // Starts a turn and blocks until its fate is known.
  static Result<void> wait(const std::function<void(lane::TurnDone)>& start);
  Result<void> undo_creation(const SpaceId& id);
  Result<bool> finish_creation(const SpaceRecord& record);
  Result<void> finish_restore(const std::string& staged);
  Result<void> settle_restored(const SpaceRecord& record);
  Result<void> create_group(std::span<const NewSpace> wanted);
  Result<void> check_database(const SpaceId& id);
  Result<void> copy_database(const SpaceId& id, const std::string& path);
  Result<void> remove_space(const SpaceRecord& record);
  Result<int> expire_aside(int count);

  Parts parts_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::fleet
