// Who may do what in the places of the space: the common one and those of groups.
//
// On the root of a place, and on any folder below, a level is given to a member, to a group, to its
// managers, to everyone or to those of gestion (access::Level). It holds for all below and adds up
// with what folders above, shares and other groups give: a folder may be more open than the place
// it lies in, never less. What must stay closed to people who see a place belongs elsewhere.
//
// Levels belong to the place, not to whoever set them: there is no end, no note, and they stay when
// that person leaves. Whoever manages a folder sets them; those of gestion set them on the root of
// every place, even of a group that they are not in. Nobody is asked or notified: the folder
// appears in people's homes at once (files/reach.h). A share on the same folder is its maker's and
// is listed, not changed, here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "features/access/levels.h"
#include "features/files/node.h"
#include "features/files/places.h"
#include "space/store/tx.h"

namespace essaim::shares {

struct PlaceSeen {
  files::PlaceInfo place;
  std::string name;                 // files::place_name()
  std::optional<files::Path> path;  // in the caller's tree; none: they do not see it
  access::Rights rights;            // the caller's
  bool settable = false;            // by the caller
};
// Those that the caller sees, and every place for gestion: the common one, then groups in the order
// in which they were made. Cost: two reads, and some for each place.
std::vector<PlaceSeen> places(store::ReadTx& tx, const access::Caller& caller);

struct PlaceRight {
  access::Grantee who;
  access::Rights rights;
  std::optional<access::Level> level;  // none: rights of a share that are no step
  std::optional<Instant> until;        // of a share
  GrantId share;                       // none: it belongs to the place
};
// The word for no level.
inline constexpr std::string_view kNoLevel = "none";
struct PlaceRights {
  files::PlaceFolder folder;
  bool settable = false;         // by the caller
  std::vector<PlaceRight> list;  // the oldest first, at most access::kGrantsPerNodeMax
};
// What is given on this very folder; the folders above add theirs. For whoever may set it or may
// share the folder. Errors: not_found (no folder of a place, or out of the caller's sight),
// forbidden. Cost: a read for each grant.
Result<PlaceRights> rights_on(store::ReadTx& tx, const access::Caller& caller, NodeId folder);
// For the operator.
Result<PlaceRights> rights_on(store::ReadTx& tx, NodeId folder);

// Gives `who` the level on the folder, in place of the one before; none: takes it back. Records
// what was given and taken back as activity. Errors: not_found, forbidden, conflict (those who stay
// managers, files::set_level), exists (a share of this folder with `who`), too_many. Cost: as
// files::set_level.
Result<files::LevelSet> set_right(store::WriteTx& tx, const access::Caller& caller, NodeId folder,
                                  access::Grantee who, std::optional<access::Level> level);
// For the operator.
Result<files::LevelSet> set_right(store::WriteTx& tx, NodeId folder, access::Grantee who,
                                  std::optional<access::Level> level);

// What the audit says of it: "marc: edit in Espace commun", "group bureau: none in Le bureau,
// folder 12". Whoever reads the audit does not see into every place, so a folder is a number.
std::string audited(store::ReadTx& tx, const files::PlaceFolder& folder, access::Grantee who,
                    std::optional<access::Level> level);

}  // namespace essaim::shares
