// The bin, as Nextcloud's apps show it:
//   /remote.php/dav/trashbin/<uid>/trash/<name>.d<seconds>/...   what was deleted
//   /remote.php/dav/trashbin/<uid>/restore/                      where a MOVE brings it back from
#pragma once

#include "protocols/call/call.h"

namespace essaim::dav {

inline constexpr std::string_view kBinAllow = "OPTIONS, GET, HEAD, DELETE, MOVE, PROPFIND";

http::Response options_bin(const call::Call& call);
// Depth infinity is answered as depth 1.
http::Response propfind_bin(store::ReadTx& tx, const call::Call& call);
http::Response get_binned(store::ReadTx& tx, const call::Call& call);
// For good: one entry, or everything when it is the folder "trash" itself.
call::Answer delete_binned(store::WriteTx& tx, const call::Call& call);
// Restores: the Destination is below "restore", and its name is of no account.
call::Answer move_binned(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::dav
