// Links that open one file without signing in, for players that cannot sign in. A link is one
// person's, reads what that person may read, and lives for hours.
#pragma once

#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/secrets/secrets.h"
#include "features/access/access.h"
#include "space/store/tx.h"

namespace essaim::files {

inline constexpr Duration kDirectLife{8 * 3'600'000};  // unless something else is asked for
inline constexpr Duration kDirectLifeMax{24 * 3'600'000};
inline constexpr std::int64_t kDirectLinksMax = 1'000;  // of one member; then the oldest goes

// The token of a new link: 60 characters of A-Za-z0-9, shown once; only its keyed hash is kept.
// Errors: not_found, forbidden (the caller may not have the content), wrong_kind (a folder),
// bad_request (a life of less than a second or beyond kDirectLifeMax).
Result<std::string> add_direct_link(store::WriteTx& tx, const secrets::Key& key,
                                    const access::Caller& caller, const access::Place& place,
                                    NodeId file, Duration life);

struct DirectLink {
  MemberId member;
  NodeId file;
};
// Cost: one indexed read. Error: not_found (unknown, or its time is over).
Result<DirectLink> find_direct_link(store::ReadTx& tx, const secrets::Key& key,
                                    std::string_view token);
// Forgets up to `count` links whose time is over. Returns how many.
int expire_direct_links(store::WriteTx& tx, int count);

}  // namespace essaim::files
