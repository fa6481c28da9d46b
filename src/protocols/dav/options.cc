#include "protocols/dav/handlers.h"

namespace essaim::dav {

http::Response options(const call::Call&) {
  http::Response response;
  response.status = 200;
  // RFC 4918 §18. CLIENT: Finder mounts read-only, and Word opens so, without class 2.
  response.headers.set("DAV", "1, 2, 3");
  response.headers.set("MS-Author-Via", "DAV");
  response.headers.set("Allow", kAllow);
  response.headers.set("Accept-Ranges", "bytes");
  response.body = std::string();
  return response;
}

}  // namespace essaim::dav
