// What PUT and the end of a chunked upload share: the headers that announce a content, and the
// answer that says what was written.
#pragma once

#include <optional>
#include <string>

#include "features/files/change.h"
#include "protocols/call/call.h"
#include "protocols/dav/address.h"

namespace essaim::dav {

// A header that announces a number, its fraction cut off. Error: bad_request when it is none.
Result<std::optional<std::int64_t>> number_header(const http::Headers& headers,
                                                  std::string_view name);

// Compares OC-Checksum with what arrived. Returns the text to keep besides SHA-256, maybe empty.
// Errors: checksum_mismatch.
Result<std::string> verified_checksum(const call::Call& call);

// Whether `address` may be written with `size` bytes: kind, right, locks, name, quota.
Result<void> check_target(store::ReadTx& tx, const call::Call& call, const Address& address,
                          const std::optional<files::Node>& node, ByteCount size);

// Writes the call's blob to `address`, with X-OC-Mtime, X-OC-CTime and OC-Checksum honoured.
// 201 or 204 with the new etag and id, which the next PROPFIND shows as well.
Result<http::Response> write_content(store::WriteTx& tx, const call::Call& call,
                                     const Address& address);

}  // namespace essaim::dav
