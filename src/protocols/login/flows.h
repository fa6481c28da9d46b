// How a client is given an app token of its own without ever seeing a password: log-in flow v2, the
// older v1, and remote wipe, as Nextcloud's clients speak them.
//
// In v2 the client opens a flow and waits, asking again and again; a browser opens the link it got,
// a person signs in and agrees, the next question is answered with the token. In v1 the browser is
// the client's own, and its last redirect leads to nc://login/….
//
// A browser keeps which flow it is in, in a cookie. The forms carry a state token made of that
// cookie, so that a page left open cannot agree to another flow. Nothing is granted without a
// click, however signed in the browser is.
#pragma once

#include "base/core/error.h"
#include "protocols/call/call.h"

namespace essaim::login {

// {"error":"…"} with the status of the code. CLIENT: the desktop shows these words; it does not
// fall back to v1.
http::Response refuse(call::Language language, const Error& error);

// POST /login/v2: {"poll":{"token","endpoint"},"login"}, all URLs absolute.
call::Answer start_flow(store::WriteTx& tx, const call::Call& call);
// POST /login/v2/poll, `token` in the form, the query (CLIENT: iOS) or JSON. 404 [] until a person
// has agreed (CLIENT: the desktop ignores no other status), then once
// {"server","loginName","appPassword"}.
call::Answer poll_flow(store::WriteTx& tx, const call::Call& call);

// GET /login/v2/flow/<token>: keeps the flow in a cookie and goes on to /login/v2/flow.
http::Response open_flow(store::ReadTx& tx, const call::Call& call);
http::Response flow_page(store::ReadTx& tx, const call::Call& call);
// /login/v2/grant: the person agrees.
http::Response consent_page(store::ReadTx& tx, const call::Call& call);
call::Answer grant(store::WriteTx& tx, const call::Call& call);
// /login/v2/apptoken: an app token that the person has already is handed over.
http::Response apptoken_page(store::ReadTx& tx, const call::Call& call);
call::Answer grant_apptoken(store::WriteTx& tx, const call::Call& call);

// GET /login/flow, with OCS-APIRequest: 403 without it.
http::Response open_old_flow(store::ReadTx& tx, const call::Call& call);
http::Response old_consent_page(store::ReadTx& tx, const call::Call& call);
// POST /login/flow: 303 to nc://login/server:…&user:…&password:….
call::Answer grant_old(store::WriteTx& tx, const call::Call& call);
http::Response old_apptoken_page(store::ReadTx& tx, const call::Call& call);
call::Answer grant_old_apptoken(store::WriteTx& tx, const call::Call& call);

// POST /core/wipe/check: 200 {"wipe":true} when the token in the form is marked, 404 [] otherwise.
http::Response wipe_check(store::ReadTx& tx, const call::Call& call);
// POST /core/wipe/success: the device is empty, its token goes.
call::Answer wipe_success(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::login
