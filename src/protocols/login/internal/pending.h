// Which flow a browser is in: a cookie, and the state token that its forms carry.
//
//   v2   2<the token of the link>                    the flow is a row, found by that token
//   v1   1<random>.<end, ms>.<keyed hash of both>    there is no row: the browser is the client
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocols/call/call.h"

namespace essaim::login::internal {

inline constexpr std::string_view kFlowCookie = "essaim-flow";
inline constexpr int kFlowCookieLife = 1'200;  // seconds, as a flow lives

enum class Version : char { v1 = '1', v2 = '2' };

struct Pending {
  Version version;
  std::string client;  // its User-Agent
  std::string link;    // v2: the token of the link
  std::string state;   // what stateToken has to be
};

// The flow that the browser is in; none when it is in none of that version, or it is over.
std::optional<Pending> pending_flow(store::ReadTx& tx, const call::Call& call, Version version);
// The same, if `state` is its state token.
std::optional<Pending> pending_flow(store::ReadTx& tx, const call::Call& call, Version version,
                                    std::string_view state);

// A keyed hash as 64 hex digits, for one use and one host.
std::string sealed(const secrets::Key& key, std::string_view host, std::string_view use,
                   std::string_view text);

// The value of the cookie of a new v1 flow.
std::string old_flow_cookie(const call::Call& call, Instant now);
// The flow that a cookie made just now stands for.
Pending old_flow(const call::Call& call, std::string_view cookie);

}  // namespace essaim::login::internal
