// The part of the route table about pictures: of people, of contents, of kinds of files.
#pragma once

#include <span>
#include <string_view>

#include "server/router/routes.h"

namespace essaim::router {

std::span<const Route> picture_routes();
// `path` without /index.php before it. nowhere: it is none of these.
Area picture_area(std::string_view path);

}  // namespace essaim::router
