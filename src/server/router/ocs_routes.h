// The part of the route table that is about people: accounts, groups, status, who can be shared
// with.
#pragma once

#include <span>
#include <string_view>

#include "server/router/routes.h"

namespace essaim::router {

std::span<const Route> people_routes();
// Of what follows /ocs/v1.php or /ocs/v2.php, still encoded; ocs_elsewhere when it is none of
// these.
Area people_area(std::string_view path);

}  // namespace essaim::router
