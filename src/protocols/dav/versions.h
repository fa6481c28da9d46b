// Versions, as Nextcloud's apps show them:
//   /remote.php/dav/versions/<uid>/versions/<file id>/<seconds>   what the file was
//   /remote.php/dav/versions/<uid>/restore/                       where a MOVE brings it back from
#pragma once

#include "protocols/call/call.h"

namespace essaim::dav {

inline constexpr std::string_view kVersionsAllow =
    "OPTIONS, GET, HEAD, DELETE, MOVE, PROPFIND, PROPPATCH";

http::Response options_versions(const call::Call& call);
// The versions of a file, without what it is now. Depth infinity is answered as depth 1.
http::Response propfind_versions(store::ReadTx& tx, const call::Call& call);
http::Response get_version(store::ReadTx& tx, const call::Call& call);
call::Answer delete_version(store::WriteTx& tx, const call::Call& call);
// Restores: the Destination is below "restore", and its name is of no account.
call::Answer move_version(store::WriteTx& tx, const call::Call& call);
// nc:version-label; everything else is protected.
call::Answer proppatch_version(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::dav
