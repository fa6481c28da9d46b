// Who may do what in the places of the space.
#include <algorithm>

#include "features/files/internal/view.h"
#include "features/files/places.h"
#include "features/files/reach.h"

namespace essaim::files {

namespace {

// They manage the place for as long as it is there.
bool stays_manager(const PlaceFolder& folder, access::Grantee who) {
  using Kind = access::Grantee::Kind;
  if (folder.spot() != access::Spot::root) return false;
  if (folder.place.kind == PlaceKind::common) return who == access::Grantee{Kind::gestion};
  return who == access::Grantee{Kind::managers, folder.place.owner};
}

}  // namespace

Result<PlaceFolder> place_folder(store::ReadTx& tx, NodeId id) {
  auto node = internal::by_id(tx, id);
  if (!node || !node->is_folder()) return fail(Code::not_found, "no such folder");
  auto top = internal::top_of(tx, id);
  if (top.kind != internal::Top::Kind::place) return fail(Code::not_found, "in no place");
  auto place = TRY(place_of(tx, top.place));
  if (!belongs_to_the_space(place)) return fail(Code::not_found, "in no place of the space");
  bool root = place.root == id;
  return PlaceFolder{id, root ? NodeId{} : node->parent, root ? place_name(tx, id) : node->name,
                     place};
}

Result<LevelSet> set_level(store::WriteTx& tx, const PlaceFolder& folder, access::Grantee who,
                           std::optional<access::Level> level) {
  if (stays_manager(folder, who) && level != access::Level::manage) {
    return fail(Code::conflict, "they stay managers of the place");
  }
  auto grants = access::grants_on(tx, folder.id);
  auto found = std::ranges::find(grants, who, &access::Grant::who);
  if (found == grants.end()) {
    if (!level) return LevelSet::as_before;
    TRY(give(tx, folder.id, who, access::rights_of(*level), std::nullopt));
    return LevelSet::given;
  }
  if (!level) {
    TRY_VOID(take_back(tx, found->id));
    return LevelSet::taken_back;
  }
  auto rights = access::rights_of(*level);
  if (found->rights == rights) return LevelSet::as_before;
  TRY_VOID(change_given(tx, found->id, rights, found->until));
  return LevelSet::changed;
}

}  // namespace essaim::files
