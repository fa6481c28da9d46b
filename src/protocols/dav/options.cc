#include "protocols/dav/handlers.h"

namespace essaim::dav {

namespace {

http::Response offer(std::string_view allow) {
  http::Response response;
  response.status = 200;
  // RFC 4918 §18. CLIENT: Finder mounts read-only, and Word opens so, without class 2.
  response.headers.set("DAV", "1, 2, 3");
  response.headers.set("MS-Author-Via", "DAV");
  response.headers.set("DASL", "<DAV:basicsearch>");
  response.headers.set("Allow", allow);
  response.headers.set("Accept-Ranges", "bytes");
  response.body = std::string();
  return response;
}

}  // namespace

http::Response options(const call::Call&) {
  return offer(kAllow);
}

http::Response options_root(const call::Call&) {
  return offer("OPTIONS, GET, HEAD");
}

}  // namespace essaim::dav
