// The page "Mes appareils et ma sécurité", and the part of its forms that asks for a password or a
// code.
#pragma once

#include <string_view>

#include "protocols/call/call.h"

namespace essaim::login::internal {

inline constexpr std::string_view kSecurityPath = "/settings/user/security";

// What the page says about what was just done.
enum class Said : std::uint8_t {
  nothing,
  ended,
  marked,
  gone,
  full,
  password_changed,
  password_wrong,    // the old one
  password_short,    // the new one
  password_differs,  // the new one, typed twice
  second_off,
  second_wrong,  // the password or the code
  demanded,
  not_demanded,
  throttled,
};
http::Response overview(store::ReadTx& tx, const call::Call& call, Said said);

// `action` change_password: `password`, `new_password` twice. Ends the other sessions.
call::Answer change_password(store::WriteTx& tx, const call::Call& call);
// `action` begin_second_factor (with `password`), confirm_second_factor (with `code`),
// end_second_factor and renew_recovery_codes (with either).
call::Answer begin_second_factor(store::WriteTx& tx, const call::Call& call);
call::Answer confirm_second_factor(store::WriteTx& tx, const call::Call& call);
call::Answer end_second_factor(store::WriteTx& tx, const call::Call& call);
call::Answer renew_recovery_codes(store::WriteTx& tx, const call::Call& call);
// `action` demand_second_factor with `of`: by people with the role gestion. 403 for others.
call::Answer demand_second_factor(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::login::internal
