// The part of the route table that speaks of comments, tags, notifications and activity.
#pragma once

#include <span>
#include <string_view>

#include "server/router/routes.h"

namespace essaim::router {

std::span<const Route> notice_routes();
// `path`: decoded slashes, after /remote.php and after /ocs/v1.php or v2.php. Area::nowhere: not
// one of these.
Area notice_dav_area(std::string_view path);
Area notice_ocs_area(std::string_view path);

}  // namespace essaim::router
