// The audit of the space, for the people who look after it.
#pragma once

#include <string_view>

#include "features/members/audit.h"
#include "protocols/call/call.h"

namespace essaim::ocs {

// GET /ocs/v{1,2}.php/apps/essaim/api/v1/audit?since=&limit=: the rows after the id `since` (0),
// the oldest first, at most `limit` (100, up to members::audit::kListMax). 403 for whoever has
// neither the role gestion nor referent.
http::Response audit(store::ReadTx& tx, const call::Call& call);

// Tells the audit what the caller did, to whom: a uid first.
void record(store::WriteTx& tx, const call::Call& call, members::audit::Action action,
            std::string object);
// That the caller was given a token of this name.
void record_token(store::WriteTx& tx, const call::Call& call, members::audit::Action action,
                  std::string_view name);
// And that they end the one the request signed in with, while it is still there.
void record_token_end(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::ocs
