// Which files tree, and where in it, a URL means: /remote.php/dav/files/<uid>/..., and the older
// forms /remote.php/webdav/... and /remote.php/files/..., which mean the caller's own tree.
#pragma once

#include <string>
#include <string_view>

#include "base/core/error.h"
#include "features/files/node.h"
#include "protocols/call/call.h"

namespace essaim::dav {

struct Address {
  access::Place place;
  files::Path path;
  bool trailing_slash = false;
};

// Errors: bad_request (path), not_found (not this caller's tree).
Result<Address> files_address(std::string_view encoded_path, const access::Caller& caller);

// The Destination header of COPY and MOVE (RFC 4918 §10.3). Errors: bad_request (absent,
// malformed), forbidden (another space, another scheme's host, another tree).
Result<Address> destination(const call::Call& call);

// The href of a path in the tree `call` speaks of: under the same prefix as the request's own, or
// under /remote.php/dav/files/<uid> when that lies in no files tree. Without trailing slash.
std::string href_of(const call::Call& call, const files::Path& path);

// The same before it is said which tree it is in: its path, encoded. Errors: bad_request, forbidden
// (another space).
Result<std::string> destination_path(const call::Call& call);

// Addresses beside the files, /remote.php/dav/<area>/<uid>/...: the names after the uid, and the
// tree of that person. Errors: bad_request, not_found (another area, or not this caller's).
Result<Address> area_address(std::string_view encoded_path, std::string_view area,
                             const access::Caller& caller);

// The request's own path as hrefs repeat it: encoded anew, byte for byte the same when decoded,
// without trailing slash.
std::string href_base(std::string_view encoded_path);

}  // namespace essaim::dav
