#include "protocols/dav/handlers.h"

namespace essaim::dav {

http::Response options(const call::Call&) {
  http::Response response;
  response.status = 200;
  // Classes 1 and 3 (RFC 4918 §18); no class 2 while no lock can be taken.
  response.headers.set("DAV", "1, 3");
  response.headers.set("MS-Author-Via", "DAV");
  response.headers.set("Allow", kAllow);
  response.headers.set("Accept-Ranges", "bytes");
  response.body = std::string();
  return response;
}

}  // namespace essaim::dav
