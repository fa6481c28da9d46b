#include "features/files/usage.h"

#include <algorithm>

#include "base/core/check.h"
#include "features/files/internal/bin.h"
#include "features/files/internal/view.h"
#include "features/files/quota.h"
#include "features/members/members.h"
#include "features/notices/notifications.h"
#include "space/store/space.h"

namespace essaim::files {

namespace {

// Candidates that are looked at for the biggest files: most lie in some place that was asked for.
constexpr int kCandidatesMax = 2'000;
constexpr int kSteps[] = {95, 90, 80};
constexpr std::string_view kFullnessObject = "fullness";

PlaceUsage usage_of(store::ReadTx& tx, const PlaceInfo& place) {
  PlaceUsage out{.place = place, .name = place_name(tx, place.root)};
  if (auto root = internal::by_id(tx, place.root)) {
    out.contents = root->size;
    out.versions = root->kept;
    out.files = root->files;
  }
  if (auto bin = internal::bin_of(tx, place.root)) out.bin = bin->size + bin->kept;
  return out;
}

}  // namespace

std::string_view name(PlaceKind kind) {
  switch (kind) {
    case PlaceKind::home:
      return "home";
    case PlaceKind::common:
      return "common";
    case PlaceKind::group:
      return "group";
    case PlaceKind::holding:
      return "holding";
    case PlaceKind::left:
      return "left";
  }
  return "";
}

Usage usage(store::ReadTx& tx) {
  Usage out{.quota = store::quota(tx), .used = used_by_space(tx)};
  for (const PlaceInfo& place : places(tx)) out.places.push_back(usage_of(tx, place));
  std::ranges::sort(out.places, std::greater(), &PlaceUsage::bytes);
  return out;
}

std::vector<BigFile> biggest(store::ReadTx& tx, const std::vector<NodeId>& places) {
  std::vector<BigFile> candidates;
  {
    auto rows = tx.query(R"sql(
      SELECT id, size, kept FROM node WHERE kind = 2 ORDER BY size + kept DESC, id LIMIT ?)sql",
                         kCandidatesMax);
    while (rows.next()) {
      candidates.push_back({{rows.int64(0)}, {}, {}, rows.int64(1), rows.int64(2)});
    }
  }
  std::vector<BigFile> out;
  for (BigFile& each : candidates) {
    if (std::ssize(out) == kBigFilesMax) break;
    auto located = internal::locate(tx, each.id);
    bool inside = located.top.kind == internal::Top::Kind::place &&
                  std::ranges::find(places, located.top.place) != places.end();
    if (!inside) continue;
    each.place = located.top.place;
    each.path = std::move(located.path);
    out.push_back(std::move(each));
  }
  return out;
}

int fullness(store::ReadTx& tx) {
  ByteCount quota = store::quota(tx);
  if (quota <= 0) return 0;
  auto percent = static_cast<double>(used_by_space(tx)) * 100 / static_cast<double>(quota);
  for (int step : kSteps) {
    if (percent >= step) return step;
  }
  return 0;
}

int warn_of_fullness(store::WriteTx& tx) {
  int step = fullness(tx);
  std::int64_t told = 0;
  {
    auto rows = tx.query(R"sql(SELECT step FROM quota_warned WHERE one = 1)sql");
    if (rows.next()) told = rows.int64(0);
  }
  if (step == told) return 0;
  tx.execute(R"sql(UPDATE quota_warned SET step = ? WHERE one = 1)sql", step);
  notices::dismiss_object(tx, kFullnessObject, std::to_string(told));
  if (step < told) return 0;
  int count = 0;
  for (const auto& member : members::list(tx)) {
    if (!members::looks_after_people(member.role) || member.disabled) continue;
    auto done = notices::notify(tx, member.id,
                                {.app = "files",
                                 .key = "fullness",
                                 .parameters = {{"percent", std::to_string(step)}},
                                 .object_type = std::string(kFullnessObject),
                                 .object_id = std::to_string(step),
                                 .link = ""});
    CHECK(done);
    ++count;
  }
  return count;
}

}  // namespace essaim::files
