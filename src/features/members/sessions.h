// Browsers that a person is signed in with. A session is an opaque secret in a cookie; only its
// keyed hash is kept. It ends by itself when nobody uses it, and after a while in any case.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/secrets/secrets.h"
#include "base/time/clock.h"
#include "space/store/tx.h"

namespace essaim::members {

inline constexpr int kSessionsPerMemberMax = 20;
inline constexpr Duration kSessionIdle = std::chrono::hours(24 * 7);
inline constexpr Duration kSessionLife = std::chrono::hours(24 * 30);

struct Session {
  SessionId id;
  MemberId member;
  std::string agent;  // the User-Agent of its browser
  Instant created;
  Instant used;  // a few minutes exactly
};

// Returns the secret: 64 characters of A-Za-z0-9. One more than kSessionsPerMemberMax ends the one
// that was not used for longest. `agent` is cut to 200 bytes.
std::string start_session(store::WriteTx& tx, const secrets::Key& key, MemberId member,
                          std::string_view agent);
// Error: not_found, also when it was idle or is too old. Cost: one indexed read.
Result<Session> find_session(store::ReadTx& tx, const secrets::Key& key, std::string_view secret);
void touch_session(store::WriteTx& tx, SessionId id);
// Those that are still open, the last used first.
std::vector<Session> sessions_of(store::ReadTx& tx, MemberId member);
// Of this member only. Error: not_found.
Result<void> end_session(store::WriteTx& tx, MemberId member, SessionId id);
// All but `keep`, if there is one.
void end_sessions(store::WriteTx& tx, MemberId member, SessionId keep = {});
// A person gives themselves a new password: ends their other sessions, never their app tokens.
void change_own_password(store::WriteTx& tx, MemberId member, std::string_view password_hash,
                         SessionId keep);
// Removes up to `most` rows of sessions that are over. Returns how many.
int sweep_sessions(store::WriteTx& tx, int most);

}  // namespace essaim::members
