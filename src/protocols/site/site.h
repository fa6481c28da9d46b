// Pages for people. Today there is one: what this address is and how to connect to it.
#pragma once

#include "protocols/call/call.h"

namespace essaim::site {

// GET /. CLIENT: the desktop asks this without credentials and must not meet a 401 here, or it
// offers nothing but a password box for ever.
http::Response home(const call::Call& call);

// 400, when the host is no space of ours.
http::Response unknown_host(call::Language language);

}  // namespace essaim::site
