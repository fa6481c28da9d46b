// What every download decides alike: preconditions (RFC 9110 §13) and which part is sent (§14).
#pragma once

#include "formats/http/preconditions.h"
#include "formats/http/ranges.h"
#include "protocols/call/call.h"

namespace essaim::dav {

struct Part {
  bool answered = false;  // 304 or 416: the response is complete without a body
  http::ByteRange bytes;  // what the body is to hold
};

// Looks at the request's conditions and ranges against a body of `size` bytes, and gives the
// response its status, and Content-Range where that is due. Several ranges at once are answered
// with the whole. Error: precondition_failed.
Result<Part> choose_part(const call::Call& call, const http::Validators& current, ByteCount size,
                         http::Response& response);

}  // namespace essaim::dav
