// LOCK and UNLOCK (RFC 4918 §9.10, §9.11), what properties say of locks, and the lock requests of
// Nextcloud's clients, which carry X-User-Lock: 1 and have answers of their own.
#pragma once

#include <string>
#include <string_view>

#include "features/files/locks.h"
#include "protocols/call/call.h"
#include "protocols/dav/multistatus.h"

namespace essaim::dav {

// 200, or 201 when the address was free and an empty file was made. Without a body: refresh.
// CLIENT: with X-User-Lock the desktop, Android and iOS want 200 and the nc:lock* properties, also
// at 423.
call::Answer lock(store::WriteTx& tx, const call::Call& call);
// 204. CLIENT: with X-User-Lock 200 and the properties, 412 when nothing is locked.
call::Answer unlock(store::WriteTx& tx, const call::Call& call);

// Fills `listing.sources.locks` for the listing's own node, which is its first entry, and for its
// children, when `listing.wanted` asks for anything about locks. Cost: one probe when the space has
// none.
void collect_locks(store::ReadTx& tx, const call::Call& call, Listing& listing);
// The same for entries from anywhere in the place, with the locks on themselves only.
void collect_own_locks(store::ReadTx& tx, const call::Call& call, Listing& listing);
// Appends <d:activelock> (RFC 4918 §14.1).
void append_active_lock(std::string& out, const Sources::ShownLock& shown, MemberId caller,
                        Instant now);

}  // namespace essaim::dav
