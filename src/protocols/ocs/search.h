// The search field of Nextcloud's applications: they ask what can be searched, then each of that.
#pragma once

#include "protocols/call/call.h"

namespace essaim::ocs {

// GET /ocs/v{1,2}.php/search/providers: what can be searched, which is files.
http::Response search_providers(store::ReadTx& tx, const call::Call& call);
// GET /ocs/v{1,2}.php/search/providers/files/search?term=&limit=&cursor=: what the caller reaches
// whose name holds the term, the last changed first. `cursor` is how many were given before. 400
// without a term. Cost: that of files::search.
http::Response search_files(store::ReadTx& tx, const call::Call& call);

}  // namespace essaim::ocs
