// A folder as one ZIP file: GET with `Accept: application/zip` or `?accept=zip`, of everything or
// of the children named by X-NC-Files or `?files=["a","b"]`. The length is known, and a download
// that broke off goes on where it was (RFC 9110 §14), as long as nothing in the folder has changed.
#pragma once

#include "features/files/node.h"
#include "protocols/call/call.h"

namespace essaim::dav {

// Whether a GET of a folder asks for an archive.
bool wants_archive(const http::RequestHead& head);

// In a read turn: what is packed is what the folder holds now. Contents are read while the answer
// is sent, some at a time, each in a turn of its own. Errors: bad_request (files=), not_found (a
// child), too_large, precondition_failed.
Result<http::Response> archive(store::ReadTx& tx, const call::Call& call,
                               const files::Node& folder);

}  // namespace essaim::dav
