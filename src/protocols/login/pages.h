// The pages of a person who signs in with a browser, and of what they may see and end: their
// sessions and the apps that have their files.
#pragma once

#include "protocols/call/call.h"

namespace essaim::login {

// /login: `redirect_url` is where one goes from there, a path of this site; `user` fills the field
// in. Whoever is signed in goes on at once, unless `again` is there.
http::Response login_page(store::ReadTx& tx, const call::Call& call);
// Opens a session and sets its cookie: 303; or goes on to the second step (second_factor.h). 403
// with the form for a wrong password, 429 when there were too many.
call::Answer log_in(store::WriteTx& tx, const call::Call& call);

// /logout: asks; ends the session.
http::Response logout_page(store::ReadTx& tx, const call::Call& call);
call::Answer log_out(store::WriteTx& tx, const call::Call& call);

// /settings/user/security. The form's `action` is end_session, end_token, wipe_token (asked again
// before it is done) with `id`; new_token with `name`, whose answer shows the password, once; or
// one of internal/overview.h, about the password and the second factor.
http::Response security_page(store::ReadTx& tx, const call::Call& call);
call::Answer change_security(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::login
