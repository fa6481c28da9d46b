// Signing in with two steps: what comes between a right password and the session.
//
// Whoever has given the right password holds a cookie that says so, for a few minutes; it opens
// this page and nothing else. It is made of the password's hash as well, so that a new password
// ends it.
#pragma once

#include <optional>

#include "features/members/members.h"
#include "protocols/call/call.h"

namespace essaim::login {

// The member whose right password this browser has given; none also when the account is closed.
std::optional<members::Member> half_signed_in(store::ReadTx& tx, const http::RequestHead& head,
                                              const secrets::Key& key);

// /login/second-factor, with `redirect_url` as the log-in page has it. Asks for the code, or shows
// what sets a second factor up where one is demanded.
http::Response second_factor_page(store::ReadTx& tx, const call::Call& call);
// `code`: opens the session, 303. 403 with the form for a wrong one, 429 when there were too many.
// The first code of a set-up is answered with a page of recovery codes.
call::Answer second_factor(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::login
