#include "protocols/ocs/activity_sight.h"

namespace essaim::ocs {

Sight may_see(store::ReadTx& tx, const call::Call& call, const notices::Activity& row) {
  const access::Caller& caller = *call.caller;
  Sight sight;
  sight.allowed = row.event.actor == caller.member || row.event.recipient == caller.member;
  auto place = access::files_of(caller, caller.uid);
  if (!place) return sight;
  auto node = files::find_by_id(tx, caller, *place, row.event.node);
  if (!node) {
    sight.allowed |= files::find_by_id(tx, caller, *place, row.event.parent).has_value();
    return sight;
  }
  sight.allowed = true;
  auto path = files::path_of(tx, *place, node->id);
  if (!path) return sight;
  for (const std::string& name : *path) {
    if (!sight.path.empty()) sight.path += '/';
    sight.path += name;
  }
  sight.node = std::move(*node);
  return sight;
}

}  // namespace essaim::ocs
