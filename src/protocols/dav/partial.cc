#include "protocols/dav/partial.h"

#include "protocols/dav/errors.h"

namespace essaim::dav {

Result<Part> choose_part(const call::Call& call, const http::Validators& current, ByteCount size,
                         http::Response& response) {
  auto verdict = http::check_preconditions(call.head.method, call.head.headers, current);
  if (verdict == http::Verdict::failed) return fail(Code::precondition_failed, "If-Match family");
  if (verdict == http::Verdict::not_modified) {
    response.status = 304;
    response.headers.remove("Content-Type");
    response.headers.remove("Content-Disposition");
    return Part{.answered = true, .bytes = {}};
  }
  http::RangeRequest range;
  if (http::if_range_holds(call.head.headers, current)) {
    range = http::parse_range(call.head.headers.get("Range"), size);
  }
  if (range.kind == http::RangeRequest::Kind::unsatisfiable) {
    response = error_response(Code::bad_request, call.language);
    response.status = 416;
    response.headers.set("Content-Range", http::content_range_unsatisfied(size));
    return Part{.answered = true, .bytes = {}};
  }
  if (range.kind == http::RangeRequest::Kind::satisfiable && range.ranges.size() == 1) {
    response.status = 206;
    response.headers.set("Content-Range", http::content_range(range.ranges.front(), size));
    return Part{.answered = false, .bytes = range.ranges.front()};
  }
  return Part{.answered = false, .bytes = {0, size}};
}

}  // namespace essaim::dav
