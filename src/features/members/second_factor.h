// The second factor: a code from an application on one's phone (TOTP, RFC 6238, with what every
// authenticator does by itself: SHA-1, six digits, 30 seconds), and recovery codes for the day the
// phone is lost. Asked for where a person signs in with a browser; app tokens need none.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/secrets/secrets.h"
#include "base/time/clock.h"
#include "features/members/members.h"
#include "space/store/tx.h"

namespace essaim::members {

inline constexpr std::size_t kCodeDigits = 6;
inline constexpr Duration kCodeStep = std::chrono::seconds(30);
inline constexpr int kCodeDrift = 1;  // steps that a phone's clock may be off, either way
inline constexpr int kRecoveryCodes = 10;
inline constexpr Duration kSetUpLife = std::chrono::hours(1);  // until the first code

// The code of a step, `secret` as raw bytes (RFC 4226 §5.3).
std::string one_time_code(std::string_view secret, std::int64_t step);

// Whom the space demands a second factor of; others may have one.
enum class Demanded : std::uint8_t { nobody, gestion };
Demanded second_factor_demanded_of(store::ReadTx& tx);
void demand_second_factor(store::WriteTx& tx, Demanded of);
std::string_view name(Demanded of);
// Error: bad_request.
Result<Demanded> parse_demanded(std::string_view name);

// What a right password still lacks.
enum class SecondStep : std::uint8_t {
  none,    // it is enough
  code,    // a code
  set_up,  // a second factor is demanded, and there is none yet
};
// Cost: at most 2 indexed reads.
SecondStep second_step(store::ReadTx& tx, MemberId member, Role role);
bool has_second_factor(store::ReadTx& tx, MemberId member);

// Begins, or goes on with what was begun less than kSetUpLife ago: the secret in base 32. Nothing
// is asked for until the first code has come. Error: exists, when there is a second factor.
Result<std::string> set_up_second_factor(store::WriteTx& tx, const secrets::Key& key,
                                         MemberId member);
// The secret that waits for its first code. Errors: not_found; corrupt, when it was kept with
// another fleet's key.
Result<std::string> second_factor_waiting(store::ReadTx& tx, const secrets::Key& key,
                                          MemberId member);
// The first code: the second factor is on. The recovery codes, told once. Errors: not_found,
// corrupt, unauthorized (a wrong code).
Result<std::vector<std::string>> confirm_second_factor(store::WriteTx& tx, const secrets::Key& key,
                                                       MemberId member, std::string_view typed);

enum class PassedBy : std::uint8_t { application, recovery_code };
// A code of now that was not taken before, or a recovery code, which is used up. Spaces and hyphens
// do not count. Errors: not_found (no second factor), unauthorized, corrupt as above.
Result<PassedBy> pass_second_factor(store::WriteTx& tx, const secrets::Key& key, MemberId member,
                                    std::string_view typed);
// Those of before are void. Error: not_found.
Result<std::vector<std::string>> renew_recovery_codes(store::WriteTx& tx, const secrets::Key& key,
                                                      MemberId member);
int recovery_codes_left(store::ReadTx& tx, MemberId member);
// False when there was none.
bool end_second_factor(store::WriteTx& tx, MemberId member);

}  // namespace essaim::members
