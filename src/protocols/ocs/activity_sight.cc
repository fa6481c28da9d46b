#include "protocols/ocs/activity_sight.h"

#include "features/files/reach.h"

namespace essaim::ocs {

Sight may_see(store::ReadTx& tx, const call::Call& call, const notices::Activity& row) {
  const access::Caller& caller = *call.caller;
  Sight sight;
  sight.allowed = row.event.actor == caller.member || row.event.recipient == caller.member;
  auto place = access::files_of(caller, caller.uid);
  if (!place) return sight;
  auto node = files::find_by_id(tx, caller, *place, row.event.node);
  auto folder = files::find_by_id(tx, caller, *place, row.event.parent);
  bool was_in_sight = folder && folder->standing.rights.read;
  if (!node) {
    sight.allowed |= was_in_sight;
    return sight;
  }
  // What came into sight later does not tell what it was called before. Its name now is the one of
  // its row, whatever the caller calls their mount of it.
  bool readable = node->standing.rights.read;
  sight.allowed |= readable && (was_in_sight || row.event.name == files::name_of(tx, node->id));
  auto path = files::path_of(tx, caller, *place, node->id);
  if (!path) return sight;
  for (const std::string& name : *path) {
    if (!sight.path.empty()) sight.path += '/';
    sight.path += name;
  }
  sight.node = std::move(*node);
  return sight;
}

}  // namespace essaim::ocs
