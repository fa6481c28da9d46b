// The list of spaces of this server: fleet.db, and its index in memory. Which host is which space
// is answered from memory, before any space is opened.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "platform/sqlite/engine.h"

namespace essaim::fleet {

enum class State : std::uint8_t {
  creating,  // a restart finishes or undoes it
  ready,
  suspended,            // closed: every request answers 503
  suspended_read_only,  // reads pass, writes answer 503 with Retry-After
  frozen,               // its database is damaged: closed until an operator acts
  deleted,              // held for 30 days, then removed
};
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

class Registry {
 public:
  // Opens <data>/fleet.db, creating it when it is missing, and loads the index. 10,000 spaces:
  // under a second.
  static Result<std::unique_ptr<Registry>> open(sqlite::Engine& engine, const std::string& path,
                                                const std::string& domain, const Clock& clock);
  ~Registry();

  // Which space answers on `host` (lower case, no port). Falls back to the default space.
  // Thread-safe, no I/O. States creating and deleted are not found.
  std::optional<Route> find_host(std::string_view host) const;
  std::optional<Route> find_slug(std::string_view slug) const;
  // Answers on every host nobody has. Error: not_found.
  Result<void> set_default_space(std::string_view slug);
  const std::string& domain() const;

  // Sorted by slug.
  std::vector<SpaceRecord> list() const;
  Result<SpaceRecord> show(std::string_view slug) const;

  // Each of the following is durable when it returns. Errors: exists (slug or host taken),
  // bad_request, not_found.
  Result<void> add(const SpaceRecord& record);
  Result<void> set_state(const SpaceId& id, State state, std::string_view reason);
  // Forgets a space and frees its hosts.
  Result<void> remove(const SpaceId& id);

 private:
  Registry();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::fleet
