// The OCS endpoints that Nextcloud's clients call at log-in.
#pragma once

#include "protocols/call/call.h"

namespace essaim::ocs {

// GET /ocs/v{1,2}.php/cloud/capabilities. Without sign-in only what is public. Announces what
// works, nothing else.
http::Response capabilities(store::ReadTx& tx, const call::Call& call);
// GET /ocs/v{1,2}.php/cloud/user: the caller.
http::Response user(store::ReadTx& tx, const call::Call& call);
// GET /ocs/v2.php/core/getapppassword: an app token for whoever signed in by password; 403 with a
// token.
call::Answer app_password(store::WriteTx& tx, const call::Call& call);
// DELETE /ocs/v2.php/core/apppassword: ends the token that the request signed in with; 403 with a
// password.
call::Answer delete_app_password(store::WriteTx& tx, const call::Call& call);

// PUT and DELETE /ocs/v2.php/apps/files_lock/lock/{fileid}: the lock of X-User-Lock by file id,
// with `lockType` 0 or 2 in the form. 423 when it is held by another; 412 when there is nothing to
// end.
call::Answer lock_file(store::WriteTx& tx, const call::Call& call);
call::Answer unlock_file(store::WriteTx& tx, const call::Call& call);
// POST /ocs/v2.php/apps/dav/api/v1/direct with fileId and expirationTime: an address that opens the
// file without signing in, for players of films.
call::Answer direct(store::WriteTx& tx, const call::Call& call);

// GET /ocs/v2.php/apps/essaim/api/v1/usage: what eats the quota, by place. All places to whoever
// looks after people, never the names of private files.
http::Response usage(store::ReadTx& tx, const call::Call& call);
// GET /ocs/v{1,2}.php/core/navigation/apps?absolute=true: what can be opened in a browser.
http::Response navigation(store::ReadTx& tx, const call::Call& call);
// GET /ocs/v{1,2}.php/hovercard/v1/{uid}: how to reach a person.
http::Response hovercard(store::ReadTx& tx, const call::Call& call);

}  // namespace essaim::ocs
