// What the pages of this module have in common.
#pragma once

#include <string>
#include <string_view>

#include "formats/html/html.h"
#include "protocols/call/call.h"
#include "protocols/call/page.h"

namespace essaim::login::internal {

// The French or the English one.
std::string_view either(const call::Call& call, std::string_view french, std::string_view english);

// One value of the form in the body; empty when it is not there.
std::string field(const call::Call& call, std::string_view name);
// The same of the query.
std::string query(const call::Call& call, std::string_view name);

using call::see_other;
using call::to_login;

// `text` when it is an absolute path of this site and nothing else; "" otherwise. A browser would
// read "//host" and "/\host" as another site.
std::string local_path(std::string_view text);

// Where a log-in leads to: local_path(text), or the security page.
std::string target_of(std::string_view text);

// Sets the flags `wrong`, `throttled` and `failed` (either of them), for the page's form to say.
void set_failure(html::Values& values, call::FormSignIn form);
int failure_status(call::FormSignIn form);

// A cookie of this site for the response.
void set_cookie(http::Response& response, const call::Call& call, std::string_view name,
                std::string_view value, int life_s);

}  // namespace essaim::login::internal
