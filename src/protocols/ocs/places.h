// The places of the space and who may do what in them, for whoever manages one.
//
// A right is given to `kind`: member, group, managers (of a group), everyone or gestion, with the
// uid or gid as `name` where there is one, and is a `level`: see, comment, edit, drop or manage.
// What a level means and who may set it: features/access/access.h, features/shares/place_rights.h.
#pragma once

#include "protocols/call/call.h"

namespace essaim::ocs {

// GET /ocs/v{1,2}.php/apps/essaim/api/v1/places: those that the caller sees, all of them for
// gestion: id, kind ("common", "group"), group (gid), name, path in the caller's files, the
// caller's own level and rights, and whether they may set those of others.
http::Response places(store::ReadTx& tx, const call::Call& call);
// GET .../places/{id}/rights, of a place or of a folder in one by its file id: what is given on it,
// not what comes down from the folders above. `share`: the number of a share, which is its maker's.
// 404 out of sight, 403 for whoever may not share it.
http::Response place_rights(store::ReadTx& tx, const call::Call& call);
// PUT .../places/{id}/rights kind, name, level ("none" takes it back): answered as the GET. 403 for
// whoever does not manage the folder. Codes: 101 no such person or group, 102 no such level, 103
// those who always manage the place, 104 there is a share with them, 105 too many.
call::Answer set_place_right(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::ocs
