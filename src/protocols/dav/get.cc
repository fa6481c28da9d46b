#include "base/time/http_date.h"
#include "formats/http/content_disposition.h"
#include "formats/mime/types.h"
#include "protocols/dav/address.h"
#include "protocols/dav/archive.h"
#include "protocols/dav/content.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/partial.h"
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

// A folder has no content of its own to give. CLIENT: the desktop (3.7.3) asks with HEAD whether
// the folder that it is to sync exists, as the last step of adding an account, and goes no further
// without 200.
Result<http::Response> folder(store::ReadTx& tx, const call::Call& call, files::Node node,
                              bool top) {
  if (wants_archive(call.head)) {
    if (top) node.name.clear();
    return archive(tx, call, node);
  }
  if (call.head.method != "HEAD") return method_not_allowed(kAllow, call.language);
  std::string etag = quoted_etag(tx.facts(), node);
  http::Response response;
  response.headers.set("ETag", etag);
  response.headers.set("OC-ETag", etag);
  response.headers.set("Last-Modified", format_http_date(Instant{node.mtime * 1000}));
  response.body = std::string();
  return response;
}

}  // namespace

Result<http::Response> content_response(store::ReadTx& tx, const call::Call& call,
                                        const files::Node& node, const std::string& etag) {
  http::Response response;
  describe(response, node, etag);
  auto part = TRY(choose_part(call, {true, etag, node.mtime}, node.size, response));
  if (part.answered) return response;
  auto content = TRY(call.blobs.open(tx, node.blob));
  if (content.size != node.size) return fail(Code::corrupt, "blob of another size");
  fill_body(response, std::move(content), part.bytes.first, part.bytes.length);
  return response;
}

namespace {

Result<http::Response> run(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = TRY(files::find(tx, *call.caller, address.place, address.path));
  if (node.is_folder()) return folder(tx, call, std::move(node), address.path.empty());
  if (!node.standing.rights.download) return fail(Code::forbidden, "only to look at");
  return content_response(tx, call, node, quoted_etag(tx.facts(), node));
}

}  // namespace

http::Response get(store::ReadTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return error_response(response.error(), call.language);
  return std::move(*response);
}

}  // namespace essaim::dav
