// The answer to a GET of bytes (RFC 9110 §9.3.1, §13, §14): of a file, of a deleted one, of a
// version.
#pragma once

#include <string>

#include "base/core/error.h"
#include "features/files/node.h"
#include "protocols/call/call.h"

namespace essaim::dav {

// `node` gives the name, the size, the time and the content; `etag` is quoted. With preconditions
// and one range. Errors: precondition_failed, corrupt, io.
Result<http::Response> content_response(store::ReadTx& tx, const call::Call& call,
                                        const files::Node& node, const std::string& etag);

}  // namespace essaim::dav
