// The list of spaces of this server: fleet.db, and its index in memory. Which host is which space
// is answered from memory, before any space is opened.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "platform/sqlite/engine.h"

namespace essaim::fleet {

// The numbers are stored.
enum class State : std::uint8_t {
  creating = 0,  // a restart finishes or undoes it
  ready = 1,
  suspended = 2,            // closed: every request answers 503
  suspended_read_only = 3,  // reads pass, writes answer 503 with Retry-After
  frozen = 4,               // its database is damaged: closed until an operator acts
  deleted = 5,              // held for 30 days, then removed
};
inline constexpr int kStates = 6;
std::string_view name(State state);

struct SpaceRecord {
  SpaceId id;
  std::string slug;  // 1 to 40 of a-z 0-9 -, not at the ends: the first label of its host
  std::string display_name;
  std::vector<std::string> hosts;  // the first is the main one: <slug>.<domain>
  State state = State::ready;
  std::string reason;  // why it is frozen or suspended
  Instant created;
  std::optional<Instant> deleted;
};

// What the router needs of a space, copied out of the index.
struct Route {
  SpaceId id;
  std::string slug;
  std::string display_name;
  std::string main_host;
  State state = State::ready;
};

// How far a background job has come through the spaces; survives a restart.
struct JobMark {
  SpaceId cursor;                   // the last space visited; empty: at the beginning
  Instant started;                  // of the pass under way, or of the last one
  std::optional<Instant> finished;  // none while a pass is under way
  std::int64_t version = 0;         // what the pass is for: the schema version of a migration
};

class Registry {
 public:
  // Opens <data>/fleet.db, creating it when it is missing, and loads the index. 10,000 spaces:
  // under a second. Errors: bad_request (domain), corrupt, io, disk_full, busy, unsupported
  // (written by a newer release).
  static Result<std::unique_ptr<Registry>> open(sqlite::Engine& engine, const std::string& path,
                                                const std::string& domain, const Clock& clock);
  ~Registry();

  // Which space answers on `host` (lower case, no port). Falls back to the default space, but not
  // on a host of a space that is being created or is deleted. Thread-safe, no I/O. States creating
  // and deleted are not found.
  std::optional<Route> find_host(std::string_view host) const;
  std::optional<Route> find_slug(std::string_view slug) const;
  // Answers on every host nobody has. The space may be created later; until then nobody answers.
  // Error: bad_request (not a slug).
  Result<void> set_default_space(std::string_view slug);
  const std::string& domain() const;

  // Sorted by slug.
  std::vector<SpaceRecord> list() const;
  Result<SpaceRecord> show(std::string_view slug) const;
  Result<SpaceRecord> show(const SpaceId& id) const;
  // The next spaces in the order of their ids: how jobs go round. At most `count`.
  std::vector<SpaceRecord> after(const SpaceId& cursor, int count) const;
  // Number of spaces in each state, by the number of the state.
  std::array<std::int64_t, kStates> counts() const;

  // Each of the following is durable when it returns. Errors: exists (slug or host taken),
  // bad_request, not_found, io, disk_full. The details are lines for the operator.
  //
  // `record.hosts` holds the hosts besides the main one; the main one may be there too.
  Result<void> add(const SpaceRecord& record);
  // All of them or none, in one commit.
  Result<void> add(std::span<const SpaceRecord> records);
  Result<void> set_state(const SpaceId& id, State state, std::string_view reason);
  // The same for many, in one commit. Unknown ids are skipped.
  Result<void> set_state(std::span<const SpaceId> ids, State state, std::string_view reason);
  // Forgets a space and frees its hosts.
  Result<void> remove(const SpaceId& id);

  // None when the job has never run.
  Result<std::optional<JobMark>> job_mark(std::string_view job);
  Result<void> set_job_mark(std::string_view job, const JobMark& mark);

 private:
  Registry();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::fleet
