#include "features/fleet/internal/index.h"

#include <algorithm>
#include <array>
#include <utility>

#include "features/fleet/names.h"

namespace essaim::fleet::internal {

namespace {

// The fleet's own console answers on this label of the domain.
constexpr std::string_view kConsoleSlug = "flotte";

}  // namespace

std::string Index::main_host(std::string_view slug) const {
  return std::string(slug) + "." + domain_;
}

Result<void> Index::check_free(const std::string& host) const {
  if (host == domain_ || host == main_host(kConsoleSlug)) {
    return fail(Code::exists, "host " + host + " belongs to the fleet itself");
  }
  if (auto* holder = by_host(host)) {
    return fail(Code::exists, "host " + host + " is taken by space " + holder->slug);
  }
  return {};
}

Result<SpaceRecord> Index::admit(SpaceRecord record) const {
  TRY_VOID(check_slug(record.slug));
  TRY_VOID(check_display_name(record.display_name));
  if (!valid_space_id(record.id.value)) return fail(Code::bad_request, "not the id of a space");
  if (record.slug == kConsoleSlug) {
    return fail(Code::exists, "slug " + record.slug + " belongs to the fleet itself");
  }
  if (auto* holder = by_slug(record.slug)) {
    bool held = holder->state == State::deleted;
    return fail(Code::exists, "slug " + record.slug + " is taken" +
                                  (held ? " by a space that is deleted and still held" : ""));
  }
  if (by_id(record.id) != nullptr) return fail(Code::exists, "this space is here already");
  std::vector<std::string> hosts{main_host(record.slug)};
  for (const auto& given : record.hosts) {
    auto host = TRY(check_host(given));
    if (std::ranges::find(hosts, host) == hosts.end()) hosts.push_back(std::move(host));
  }
  if (hosts.size() > kHostsPerSpaceMax) {
    return fail(Code::too_large, "a space has at most 20 hosts");
  }
  for (const auto& host : hosts) TRY_VOID(check_free(host));
  record.hosts = std::move(hosts);
  return record;
}

bool Index::insert(SpaceRecord record) {
  SpaceId id = record.id;
  SpaceRecord& kept = spaces_.insert_or_assign(id, std::move(record)).first->second;
  slugs_[kept.slug] = &kept;
  auto lost = std::erase_if(
      kept.hosts, [&](const std::string& host) { return !hosts_.try_emplace(host, &kept).second; });
  return lost == 0;
}

void Index::erase(const SpaceId& id) {
  auto found = spaces_.find(id);
  if (found == spaces_.end()) return;
  for (const auto& host : found->second.hosts) hosts_.erase(host);
  slugs_.erase(found->second.slug);
  spaces_.erase(found);
}

void Index::set_state(const SpaceId& id, State state, std::string_view reason, Instant now) {
  auto found = spaces_.find(id);
  if (found == spaces_.end()) return;
  found->second.state = state;
  found->second.reason = reason;
  found->second.deleted.reset();
  if (state == State::deleted) found->second.deleted = now;
}

const SpaceRecord* Index::by_id(const SpaceId& id) const {
  auto found = spaces_.find(id);
  return found == spaces_.end() ? nullptr : &found->second;
}

const SpaceRecord* Index::by_slug(std::string_view slug) const {
  auto found = slugs_.find(slug);
  return found == slugs_.end() ? nullptr : found->second;
}

const SpaceRecord* Index::by_host(std::string_view host) const {
  auto found = hosts_.find(host);
  return found == hosts_.end() ? nullptr : found->second;
}

std::vector<SpaceRecord> Index::list() const {
  std::vector<SpaceRecord> records;
  records.reserve(slugs_.size());
  for (const auto& [slug, record] : slugs_) records.push_back(*record);
  return records;
}

std::vector<SpaceRecord> Index::after(const SpaceId& cursor, int count) const {
  std::vector<SpaceRecord> records;
  for (auto next = spaces_.upper_bound(cursor); next != spaces_.end(); ++next) {
    if (std::cmp_greater_equal(records.size(), count)) break;
    records.push_back(next->second);
  }
  return records;
}

std::array<std::int64_t, kStates> Index::counts() const {
  std::array<std::int64_t, kStates> counts{};
  for (const auto& [id, record] : spaces_) ++counts[static_cast<std::size_t>(record.state)];
  return counts;
}

}  // namespace essaim::fleet::internal
