// What can go wrong for an honest caller: one closed list of codes, and Result.
//
// An Error has a code, which decides the answer on the wire (one table per protocol), and a detail
// for the log. The detail is never shown to a client. Exceptions mean a bug or a broken machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "base/core/types.h"

namespace essaim {

enum class Code : std::uint8_t {
  bad_request,          // malformed, or contradicts itself
  invalid_name,         // a name no client could keep: forbidden character, too long
  unauthorized,         // no credentials, or wrong ones
  forbidden,            // known caller, not allowed
  not_found,            // does not exist, or must not be seen
  exists,               // already there
  conflict,             // the folder it needs is missing
  wrong_kind,           // a folder where a file is needed, or the reverse
  precondition_failed,  // If-Match and its family, Overwrite: F
  checksum_mismatch,    // the bytes are not the announced ones
  too_large,            // over a named limit
  quota_exceeded,       // the space, or the member, is full
  locked,               // held by someone
  unsupported,          // understood, and not done here
  too_many,             // throttled: try again later
  busy,                 // a queue is full; only this request waits
  read_only,            // no writes for now: suspended read-only, moving
  disk_full,            // the machine's disk is full: read-only for now
  closed,               // the space is suspended, in maintenance or frozen
  timeout,              // the deadline passed before the work was done
  io,                   // the disk or the database failed
  corrupt,              // what was read back is not what was written
  internal,             // a bug
};

// The code's name as it appears in logs: "not_found".
std::string_view name(Code code);

struct Error {
  Code code = Code::internal;
  std::string detail;  // for the log, never for the client
  NodeId node = {};    // locked: whose lock is in the way
};

template <class T = void>
using Result = tl::expected<T, Error>;

// `return fail(Code::not_found, "node 12");`
inline tl::unexpected<Error> fail(Code code, std::string detail = {}) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}

}  // namespace essaim

// The value of a Result, or return its error from the enclosing plain function (never a coroutine).
//   auto node = TRY(find(tx, path));
#define TRY(expression)                                                        \
  __extension__({                                                              \
    auto&& try_result_ = (expression);                                         \
    if (!try_result_) return ::tl::unexpected(std::move(try_result_.error())); \
    std::move(*try_result_);                                                   \
  })

// The same for a Result<void>.
#define TRY_VOID(expression)                                                   \
  do {                                                                         \
    auto&& try_result_ = (expression);                                         \
    if (!try_result_) return ::tl::unexpected(std::move(try_result_.error())); \
  } while (false)
