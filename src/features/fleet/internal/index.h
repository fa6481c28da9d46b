// The registry in memory: spaces by id, slug and host. Not thread-safe; the registry locks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/error.h"
#include "features/fleet/registry.h"

namespace essaim::fleet::internal {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

class Index {
 public:
  explicit Index(std::string domain) : domain_(std::move(domain)) {}

  // The record as it is kept: hosts checked, in their one spelling, the main one first. Errors:
  // bad_request, exists (against what is in the index).
  Result<SpaceRecord> admit(SpaceRecord record) const;
  // A record out of admit(), or out of the database: then a host that another space took meanwhile
  // (the domain was changed) is dropped, and reported by `false`.
  bool insert(SpaceRecord record);
  void erase(const SpaceId& id);
  void set_state(const SpaceId& id, State state, std::string_view reason, Instant now);

  const SpaceRecord* by_id(const SpaceId& id) const;
  const SpaceRecord* by_slug(std::string_view slug) const;
  const SpaceRecord* by_host(std::string_view host) const;
  std::vector<SpaceRecord> list() const;
  std::vector<SpaceRecord> after(const SpaceId& cursor, int count) const;
  std::array<std::int64_t, kStates> counts() const;
  std::string main_host(std::string_view slug) const;

 private:
  Result<void> check_free(const std::string& host) const;

  std::string domain_;
  std::map<SpaceId, SpaceRecord> spaces_;  // nodes stay where they are: the others point to them
  std::map<std::string, SpaceRecord*, std::less<>> slugs_;
  std::unordered_map<std::string, SpaceRecord*, TextHash, std::equal_to<>> hosts_;
};

}  // namespace essaim::fleet::internal
