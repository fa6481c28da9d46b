// Finding files: SEARCH (RFC 5323) and the reports of Nextcloud's clients (RFC 3253 §3.6).
#pragma once

#include "protocols/call/call.h"

namespace essaim::dav {

// On /remote.php/dav and on a files tree: 207 with what was found, hrefs in the caller's tree.
http::Response search(store::ReadTx& tx, const call::Call& call);
// On a folder of a files tree: oc:filter-files and oc:search-files, below that folder. 403 with
// DAV:supported-report for any other.
http::Response report(store::ReadTx& tx, const call::Call& call);

}  // namespace essaim::dav
