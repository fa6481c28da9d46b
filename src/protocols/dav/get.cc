#include "base/time/http_date.h"
#include "formats/http/content_disposition.h"
#include "formats/http/preconditions.h"
#include "formats/http/ranges.h"
#include "formats/mime/types.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/preconditions.h"
#include "protocols/dav/properties.h"

namespace essaim::dav {

namespace {

void describe(http::Response& response, const files::Node& node, const std::string& etag) {
  auto& headers = response.headers;
  headers.set("ETag", etag);
  headers.set("OC-ETag", etag);
  headers.set("Last-Modified", format_http_date(Instant{node.mtime * 1000}));
  headers.set("Accept-Ranges", "bytes");
  headers.set("Content-Type", mime::type_of(node.name));
  headers.set("Content-Disposition", http::content_disposition(node.name));
  headers.set("OC-Checksum", "SHA256:" + node.blob);
  headers.set("X-Accel-Buffering", "no");
  // Somebody else's bytes on our origin: never run, never sniffed.
  headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  headers.set("X-Content-Type-Options", "nosniff");
}

void fill_body(http::Response& response, blobs::Content content, ByteCount offset,
               ByteCount length) {
  if (content.file) {
    response.body = http::FileRange{std::move(content.file), offset, length};
  } else {
    response.body = content.inline_bytes.substr(static_cast<std::size_t>(offset),
                                                static_cast<std::size_t>(length));
  }
}

// A folder has no content to give. CLIENT: the desktop (3.7.3) asks with HEAD whether the folder
// that it is to sync exists, as the last step of adding an account, and goes no further without
// 200.
http::Response folder(store::ReadTx& tx, const call::Call& call, const files::Node& node) {
  if (call.head.method != "HEAD") return method_not_allowed(kAllow, call.language);
  std::string etag = quoted_etag(tx.facts(), node);
  http::Response response;
  response.headers.set("ETag", etag);
  response.headers.set("OC-ETag", etag);
  response.headers.set("Last-Modified", format_http_date(Instant{node.mtime * 1000}));
  response.body = std::string();
  return response;
}

Result<http::Response> run(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = TRY(files::find(tx, *call.caller, address.place, address.path));
  if (node.is_folder()) return folder(tx, call, node);
  std::string etag = quoted_etag(tx.facts(), node);
  http::Validators current{true, etag, node.mtime};
  auto verdict = http::check_preconditions(call.head.method, call.head.headers, current);
  if (verdict == http::Verdict::failed) return fail(Code::precondition_failed, "If-Match family");
  http::Response response;
  describe(response, node, etag);
  if (verdict == http::Verdict::not_modified) {
    response.status = 304;
    response.headers.remove("Content-Type");
    response.headers.remove("Content-Disposition");
    return response;
  }
  http::RangeRequest range;
  if (http::if_range_holds(call.head.headers, current)) {
    range = http::parse_range(call.head.headers.get("Range"), node.size);
  }
  if (range.kind == http::RangeRequest::Kind::unsatisfiable) {
    response = error_response(Code::bad_request, call.language);
    response.status = 416;
    response.headers.set("Content-Range", http::content_range_unsatisfied(node.size));
    return response;
  }
  auto content = TRY(call.blobs.open(tx, node.blob));
  if (content.size != node.size) return fail(Code::corrupt, "blob of another size");
  bool part = range.kind == http::RangeRequest::Kind::satisfiable && range.ranges.size() == 1;
  http::ByteRange bytes = part ? range.ranges.front() : http::ByteRange{0, node.size};
  if (part) {
    response.status = 206;
    response.headers.set("Content-Range", http::content_range(bytes, node.size));
  }
  fill_body(response, std::move(content), bytes.first, bytes.length);
  return response;
}

}  // namespace

http::Response get(store::ReadTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return error_response(response.error(), call.language);
  return std::move(*response);
}

}  // namespace essaim::dav
