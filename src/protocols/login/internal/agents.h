// What a User-Agent is called when a person reads it.
#pragma once

#include <string>
#include <string_view>

#include "protocols/call/call.h"

namespace essaim::login::internal {

// The User-Agent of a request, as UTF-8 without control characters; empty when there is none.
std::string agent_of(const http::RequestHead& head);

// "Nextcloud (Linux)", "Firefox (Windows)", or the text itself when nobody knows it.
std::string agent_name(std::string_view agent, call::Language language);

}  // namespace essaim::login::internal
