// Getters of the property table that speak of locks: lockdiscovery and supportedlock (RFC 4918
// §15.8, §15.10), and what Nextcloud's clients ask for. Each as Property::get.
#pragma once

#include <string>

#include "protocols/dav/properties.h"

namespace essaim::dav {

bool lock_discovery(std::string& out, const files::Node& node, const Sources& sources);
bool supported_lock(std::string& out, const files::Node& node, const Sources& sources);
bool is_locked(std::string& out, const files::Node& node, const Sources& sources);
bool lock_owner_type(std::string& out, const files::Node& node, const Sources& sources);
bool lock_owner(std::string& out, const files::Node& node, const Sources& sources);
bool lock_owner_display(std::string& out, const files::Node& node, const Sources& sources);
bool lock_owner_editor(std::string& out, const files::Node& node, const Sources& sources);
bool lock_time(std::string& out, const files::Node& node, const Sources& sources);
bool lock_timeout(std::string& out, const files::Node& node, const Sources& sources);
bool lock_token(std::string& out, const files::Node& node, const Sources& sources);

}  // namespace essaim::dav
