// A status as the clients read it.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string_view>

#include "features/members/status.h"
#include "protocols/call/call.h"

namespace essaim::ocs::internal {

// "online", "away", "dnd", "invisible", "busy", "offline".
std::string_view status_name(members::StatusKind kind);
std::optional<members::StatusKind> status_from(std::string_view name);

// The four that go with a person elsewhere: status, message, icon, clearAt. A ready-made message is
// in the language of who reads.
boost::json::object status_fields(const call::Call& call, const members::Status& status);

}  // namespace essaim::ocs::internal
