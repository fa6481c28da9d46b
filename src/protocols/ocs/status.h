// The user_status API of Nextcloud: how people can be reached just now.
// All below /ocs/v{1,2}.php/apps/user_status/api/v1.
#pragma once

#include "protocols/call/call.h"

namespace essaim::ocs {

// GET /user_status: one's own. Never 404: who said nothing is offline.
http::Response own_status(store::ReadTx& tx, const call::Call& call);
// PUT /user_status/status with statusType: online, away, dnd, invisible, busy, offline. Or 400.
call::Answer set_status(store::WriteTx& tx, const call::Call& call);
// PUT /user_status/message/predefined with messageId and clearAt. Or 400.
call::Answer say_ready_message(store::WriteTx& tx, const call::Call& call);
// PUT /user_status/message/custom with statusIcon, message and clearAt. Or 400.
call::Answer say_own_message(store::WriteTx& tx, const call::Call& call);
// DELETE /user_status/message.
call::Answer say_nothing(store::WriteTx& tx, const call::Call& call);
// DELETE /user_status/revert/{messageId}: ends that message when it is the one that is said.
call::Answer revert_status(store::WriteTx& tx, const call::Call& call);
// GET /predefined_statuses.
http::Response ready_messages(store::ReadTx& tx, const call::Call& call);
// GET /statuses?limit=&offset= and /statuses/{uid}: what the others say. 404: nothing.
http::Response statuses(store::ReadTx& tx, const call::Call& call);
http::Response status_of(store::ReadTx& tx, const call::Call& call);
// PUT /heartbeat with status: online or away. Or 400.
call::Answer heartbeat(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::ocs
