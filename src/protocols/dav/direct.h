// GET /remote.php/direct/<token>: one file, for players that cannot sign in. The link itself is
// made over OCS.
#pragma once

#include "protocols/call/call.h"

namespace essaim::dav {

// With Range and conditions, as a GET of the file. 404 when the link is unknown or its time is
// over, when its person is gone, or when the file has left their reach.
http::Response get_direct(store::ReadTx& tx, const call::Call& call);

}  // namespace essaim::dav
