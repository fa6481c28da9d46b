#include "protocols/dav/direct.h"

#include "features/files/direct_links.h"
#include "features/files/node.h"
#include "formats/uri/uri.h"
#include "protocols/dav/content.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/properties.h"

namespace essaim::dav {

namespace {

// /remote.php/direct/<token>
Result<http::Response> run(store::ReadTx& tx, const call::Call& call) {
  auto segments = TRY(uri::split_path(call.head.path));
  if (segments.names.size() != 3) return fail(Code::not_found, "no token");
  auto link = TRY(files::find_direct_link(tx, call.key, segments.names.back()));
  auto person = TRY(access::caller_of(tx, link.member));
  auto place = TRY(access::files_of(person, person.uid));
  auto node = TRY(files::find_by_id(tx, person, place, link.file));
  if (!node.standing.rights.download) return fail(Code::not_found, "no longer");
  return content_response(tx, call, node, quoted_etag(tx.facts(), node));
}

}  // namespace

http::Response get_direct(store::ReadTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return error_response(response.error(), call.language);
  // The address is the key: nothing on the way keeps what it opened.
  response->headers.set("Cache-Control", "private, no-store");
  response->headers.set("Referrer-Policy", "no-referrer");
  return std::move(*response);
}

}  // namespace essaim::dav
