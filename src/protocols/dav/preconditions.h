// What a request says must be true before it may change anything: If-Match and its family (RFC 9110
// §13) and the If header (RFC 4918 §10.4), against the tree as it is in this turn.
#pragma once

#include <optional>

#include "base/core/error.h"
#include "features/files/node.h"
#include "protocols/call/call.h"
#include "protocols/dav/address.h"

namespace essaim::dav {

// `target` is what the request's own path is now. Errors: precondition_failed, bad_request.
Result<void> check_preconditions(store::ReadTx& tx, const call::Call& call,
                                 const std::optional<files::Node>& target);

// The answer to an error of this turn. A 423 names the resource whose lock is in the way
// (lock-token-submitted, RFC 4918 §16).
http::Response refusal(store::ReadTx& tx, const call::Call& call, const Error& error);

// The node an address means now, if any.
std::optional<files::Node> node_at(store::ReadTx& tx, const call::Call& call,
                                   const Address& address);

}  // namespace essaim::dav
