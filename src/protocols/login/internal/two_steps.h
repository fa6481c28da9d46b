// What the log-in page and the security page share about sessions, second factors and the audit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "features/members/audit.h"
#include "features/members/members.h"
#include "protocols/call/call.h"

namespace essaim::login::internal {

inline constexpr std::string_view kSecondFactorPath = "/login/second-factor";
inline constexpr std::string_view kHalfCookie = "essaim-half";
inline constexpr int kHalfLife = 600;  // seconds

// Tells the audit what this member did.
void record(store::WriteTx& tx, const call::Call& call, const members::Member& actor,
            members::audit::Action action, std::string_view object);
// The same for whoever is signed in.
void record(store::WriteTx& tx, const call::Call& call, members::audit::Action action,
            std::string_view object);

// Opens a session in place of the one that the browser may have, and sets its cookie. `how` is for
// the audit: "password".
void open_session(store::WriteTx& tx, const call::Call& call, const members::Member& member,
                  std::string_view how, http::Response& response);

// Sends a browser on to the second step: its password was right.
http::Response to_second_step(store::ReadTx& tx, const call::Call& call,
                              const members::Member& member, std::string_view target);

// The page with the secret, as picture and as text, and the field for its first code.
struct SetUp {
  std::string secret;  // base 32
  std::string uid;
  std::string_view action;  // where the form goes
  std::string target = {};  // and from there, at log-in
  bool demanded = false;    // by the space, at log-in
};
http::Response set_up_page(const call::Call& call, const SetUp& set_up, call::FormSignIn form);
// The page that shows them, once; `next` is where the person goes from there.
http::Response recovery_codes_page(const call::Call& call, const std::vector<std::string>& codes,
                                   std::string_view next);

}  // namespace essaim::login::internal
