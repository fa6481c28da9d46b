// Whom something can be shared with, and who can be mentioned.
#pragma once

#include "protocols/call/call.h"

namespace essaim::ocs {

// GET /ocs/v{1,2}.php/apps/files_sharing/api/v1/sharees?search=&itemType=&page=&perPage=&shareType=
// Members and groups; who is meant exactly is only in `exact`. Not the caller, nor closed accounts;
// a guest sees the people of their groups. 400 without itemType, and for a page that is none.
http::Response sharees(store::ReadTx& tx, const call::Call& call);
// GET .../sharees_recommended?itemType=: those that the caller shares groups with, and these
// groups.
http::Response sharees_recommended(store::ReadTx& tx, const call::Call& call);
// GET /ocs/v2.php/core/autocomplete/get?search=&shareTypes[]=&limit=
http::Response autocomplete(store::ReadTx& tx, const call::Call& call);

}  // namespace essaim::ocs
