// LOCK and UNLOCK as Nextcloud's clients send them for a person: X-User-Lock: 1, no body.
#pragma once

#include "protocols/call/call.h"

namespace essaim::dav {

bool is_user_lock(const call::Call& call);
// CLIENT: desktop, Android and iOS read the nc:lock* properties from every answer. 200; 423 with
// the lock that is in the way.
call::Answer user_lock(store::WriteTx& tx, const call::Call& call);
// 200; 412 when nothing is locked (the desktop takes it for done); 423 when it is somebody else's.
call::Answer user_unlock(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::dav
