// The part of the route table that is about sharing: the share API, and what eats the quota.
#pragma once

#include <span>
#include <string_view>

#include "server/router/routes.h"

namespace essaim::router {

std::span<const Route> share_routes();
// Of what follows /ocs/v1.php or /ocs/v2.php, still encoded; nowhere when it is none of these.
Area share_area(std::string_view path);

}  // namespace essaim::router
