// GET /ocs/v2.php/apps/essaim/api/v1/usage: what eats the quota. Whoever looks after the space sees
// how much each person uses and how many accounts the plan leaves, never what anybody has; names of
// files only of what the caller reaches.
#include "features/files/usage.h"

#include <algorithm>
#include <boost/json.hpp>

#include "features/files/reach.h"
#include "protocols/ocs/handlers.h"
#include "protocols/ocs/internal/paths.h"
#include "protocols/ocs/reply.h"
#include "space/store/space.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;

json::object described(const files::PlaceUsage& usage) {
  return {{"kind", files::name(usage.place.kind)},
          {"name", usage.name},
          {"files", usage.files},
          {"contents", usage.contents},
          {"versions", usage.versions},
          {"bin", usage.bin},
          {"bytes", usage.bytes()}};
}

// Roots of places that the caller sees into.
std::vector<NodeId> readable(store::ReadTx& tx, const access::Caller& caller) {
  std::vector<NodeId> out{caller.home};
  for (const auto& each : files::mounted(tx, caller, {caller.home})) {
    if (files::place_of(tx, each.node)) out.push_back(each.node);
  }
  return out;
}

}  // namespace

http::Response usage(store::ReadTx& tx, const call::Call& call) {
  const access::Caller& caller = *call.caller;
  auto own = readable(tx, caller);
  bool all = members::looks_after_people(caller.role);
  auto found = files::usage(tx);
  json::array places;
  for (const auto& each : found.places) {
    bool seen = std::ranges::find(own, each.place.root) != own.end();
    if (all || seen) places.push_back(described(each));
  }
  json::array biggest;
  for (const auto& file : files::biggest(tx, own)) {
    auto path = files::path_of(tx, caller, {caller.home}, file.id);
    if (!path) continue;
    biggest.push_back(json::object{{"fileid", file.id.value},
                                   {"path", internal::slashed(*path)},
                                   {"contents", file.contents},
                                   {"versions", file.versions}});
  }
  json::object data{{"quota", found.quota},
                    {"used", found.used},
                    {"fullness", files::fullness(tx)},
                    {"places", std::move(places)},
                    {"biggest", std::move(biggest)}};
  if (all) {
    data["accounts"] = members::accounts(tx);
    data["accounts_max"] = store::accounts_max(tx);
  }
  return ok(call, std::move(data));
}

}  // namespace essaim::ocs
