// The WebDAV methods of the files tree (RFC 4918, RFC 9110). Each handler is named after its method
// and lives in a file of that name. The gate has signed the caller in before any of them runs.
#pragma once

#include "protocols/call/call.h"

namespace essaim::dav {

// RFC 9110 §9.3.7; also without sign-in.
http::Response options(const call::Call& call);
// CLIENT: Windows asks the root of the host whether it speaks WebDAV before it mounts a folder.
http::Response options_root(const call::Call& call);
// RFC 4918 §9.1. Depth infinity on the files tree is answered as depth 1, as sync clients expect.
http::Response propfind(store::ReadTx& tx, const call::Call& call);
// The folders above the trees: /remote.php/dav/ and /remote.php/dav/files/.
http::Response propfind_above(store::ReadTx& tx, const call::Call& call);
// RFC 4918 §9.2: all or nothing.
call::Answer proppatch(store::WriteTx& tx, const call::Call& call);
// RFC 9110 §9.3.1, §14; HEAD too.
http::Response get(store::ReadTx& tx, const call::Call& call);
// RFC 9110 §9.3.4, RFC 4918 §9.7. The body is a blob by now.
call::Answer put(store::WriteTx& tx, const call::Call& call);
// Right, quota and preconditions of a PUT, before its body.
call::Admitted admit_put(store::ReadTx& tx, const call::Call& call);
// The checksum a PUT wants verified besides SHA-256. Error: bad_request.
Result<std::optional<blobs::ChecksumType>> announced_checksum(const http::Headers& headers);
// RFC 4918 §9.3, §9.6, §9.8, §9.9.
call::Answer mkcol(store::WriteTx& tx, const call::Call& call);
call::Answer remove(store::WriteTx& tx, const call::Call& call);
call::Answer copy(store::WriteTx& tx, const call::Call& call);
call::Answer move(store::WriteTx& tx, const call::Call& call);

inline constexpr std::string_view kAllow =
    "OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, "
    "UNLOCK, SEARCH, REPORT";

}  // namespace essaim::dav
