// GET /f/<file id>: the address of a file or folder that people hand to one another, whatever each
// of them calls it. CLIENT: the applications copy it as "internal link" or "private link"
// (/index.php/f/<file id>), and notifications lead there.
#pragma once

#include "protocols/call/call.h"

namespace essaim::dav {

inline constexpr std::size_t kShownMax = 1'000;  // children on one page

// For a browser: who is not signed in is asked to, and comes back. A file is downloaded, with Range
// and conditions as at its own address; a folder is a page of links, or with `?accept=zip` one
// archive. 404 is the same page for what was never there and for what the caller may not read.
http::Response file_link(store::ReadTx& tx, const call::Call& call);

}  // namespace essaim::dav
