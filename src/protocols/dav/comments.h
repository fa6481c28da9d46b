// Comments, as Nextcloud's apps show them:
//   /remote.php/dav/comments/files/<file id>              what was written about it
//   /remote.php/dav/comments/files/<file id>/<comment>    one comment
#pragma once

#include <string_view>

#include "features/files/comments.h"
#include "protocols/call/call.h"

namespace essaim::dav {

inline constexpr std::string_view kCommentsAllow =
    "OPTIONS, DELETE, POST, PROPFIND, PROPPATCH, REPORT";

http::Response options_comments(const call::Call& call);
// All of them, newest first, or one. Depth infinity is answered as depth 1.
http::Response propfind_comments(store::ReadTx& tx, const call::Call& call);
// oc:filter-comments; every other report is refused (RFC 3253 §3.6).
http::Response report_comments(store::ReadTx& tx, const call::Call& call);
// {"actorType": "users", "verb": "comment", "message": "..."}: 201 with Content-Location.
call::Answer post_comment(store::WriteTx& tx, const call::Call& call);
// oc:message of a comment, oc:readMarker of the list; everything else is protected.
call::Answer proppatch_comment(store::WriteTx& tx, const call::Call& call);
call::Answer delete_comment(store::WriteTx& tx, const call::Call& call);

// The body of oc:filter-comments. Errors: bad_request, unsupported (another report).
Result<files::CommentPage> parse_comment_report(std::string_view body);

}  // namespace essaim::dav
