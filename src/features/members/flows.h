// Log-in flows: a client opens one, a person agrees to it in a browser, the client is given an app
// token, once.
//
// The client holds one secret and the browser gets the other; only their keyed hashes are kept. The
// token waits sealed for the client's secret, so that a copy of the database opens nothing.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/secrets/secrets.h"
#include "base/time/clock.h"
#include "features/members/members.h"
#include "space/store/tx.h"

namespace essaim::members {

inline constexpr Duration kFlowLife = std::chrono::minutes(20);
inline constexpr int kFlowsMax = 2'000;  // per space, waiting at once
inline constexpr int kFlowsSweptAtStart = 100;

// Both of 128 characters of A-Za-z0-9, and independent of each other.
struct StartedFlow {
  std::string poll;  // the client asks with it
  std::string link;  // the browser opens it
};
// `client` is cut to 200 bytes. Error: too_many.
Result<StartedFlow> start_flow(store::WriteTx& tx, const secrets::Key& key,
                               std::string_view client);

// The client of a flow that still waits for a person. Error: not_found: unknown, too old, or
// agreed to already.
Result<std::string> flow_client(store::ReadTx& tx, const secrets::Key& key, std::string_view link);

// The person agreed: makes an app token named after the client. Errors: not_found as above,
// too_many tokens.
Result<void> grant_flow(store::WriteTx& tx, const secrets::Key& key, std::string_view link,
                        const Member& member);
// The same with an app token that the person had already. Error: not_found.
Result<void> grant_flow_with(store::WriteTx& tx, const secrets::Key& key, std::string_view link,
                             std::string_view login, std::string_view token);

struct Granted {
  std::string login;
  std::string token;
};
// What the client gets; the flow is over with it. Error: not_found: nobody agreed yet, unknown, or
// too old.
Result<Granted> take_flow(store::WriteTx& tx, const secrets::Key& key, std::string_view poll);

// Removes up to `most` flows that are too old, and the tokens made for them that nobody fetched.
// Returns how many.
int sweep_flows(store::WriteTx& tx, int most);

}  // namespace essaim::members
