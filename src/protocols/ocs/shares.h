// The share API of Nextcloud's clients: /ocs/v{1,2}.php/apps/files_sharing/api/v1.
#pragma once

#include "protocols/call/call.h"

namespace essaim::ocs {

// GET /shares: those the caller made; with `path` those on one node, with `subfiles` on the
// children of a folder, with `shared_with_me` those received. GET /shares/{id}: a list of one.
http::Response list_shares(store::ReadTx& tx, const call::Call& call);
http::Response show_share(store::ReadTx& tx, const call::Call& call);
// GET /shares/inherited?path=: on the folders above.
http::Response inherited_shares(store::ReadTx& tx, const call::Call& call);
// GET /shares/pending and /deletedshares: what the caller has declined or left.
http::Response pending_shares(store::ReadTx& tx, const call::Call& call);
http::Response deleted_shares(store::ReadTx& tx, const call::Call& call);

call::Answer create_share(store::WriteTx& tx, const call::Call& call);
call::Answer update_share(store::WriteTx& tx, const call::Call& call);
call::Answer delete_share(store::WriteTx& tx, const call::Call& call);
// POST /shares/pending/{id} and /deletedshares/{id}: the caller wants it after all.
call::Answer accept_share(store::WriteTx& tx, const call::Call& call);
// DELETE /shares/pending/{id}
call::Answer decline_share(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::ocs
