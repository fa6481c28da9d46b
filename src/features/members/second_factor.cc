#include "features/members/second_factor.h"

#include <algorithm>

#include "base/secrets/encryption.h"
#include "base/text/base32.h"
#include "base/text/text.h"
#include "features/members/internal/columns.h"

namespace essaim::members {

namespace {

using internal::bytes;

constexpr std::size_t kSecretBytes = 20;   // RFC 4226 §4 R6
constexpr std::size_t kRecoverySize = 12;  // 58 bits
constexpr std::size_t kRecoveryGroup = 4;  // characters between hyphens
constexpr std::size_t kTypedMax = 64;      // bytes
constexpr std::string_view kRule = "second_factor";

// One member's secret does not open in the row of another.
std::string purpose_of(MemberId member) {
  return "second factor of " + std::to_string(member.value);
}

std::string recovery_hash(const secrets::Key& key, MemberId member, std::string_view code) {
  std::string text = "recovery code of " + std::to_string(member.value) + ":";
  text += code;
  return secrets::keyed_hash(key, text);
}

std::int64_t step_of(Instant now) {
  return now.ms / kCodeStep.count();
}

struct Kept {
  std::string secret;  // raw bytes
  bool confirmed = false;
  Instant started;
  std::int64_t step = 0;
};

// The error corrupt leaves the rest of the row unknown.
Result<Kept> kept_of(store::ReadTx& tx, const secrets::Key& key, MemberId member) {
  auto rows = tx.query(R"sql(
    SELECT secret, confirmed_at, started_at, step FROM second_factor WHERE member_id = ?)sql",
                       member);
  if (!rows.next()) return fail(Code::not_found, "no second factor");
  auto blob = rows.blob(0);
  auto secret =
      secrets::decrypt(key, purpose_of(member),
                       std::string_view(reinterpret_cast<const char*>(blob.data()), blob.size()));
  if (!secret) return fail(Code::corrupt, "a second factor kept with another key");
  return Kept{std::move(*secret), !rows.null(1), Instant{rows.int64(2)}, rows.int64(3)};
}

// What was typed, without what people put between the groups.
std::string plain(std::string_view typed) {
  std::string out;
  for (char c : typed.substr(0, kTypedMax)) {
    if (c != ' ' && c != '-' && c != '\t') out.push_back(c);
  }
  return text::lower_ascii(out);
}

bool is_code(std::string_view typed) {
  return typed.size() == kCodeDigits &&
         std::ranges::all_of(typed, [](char c) { return c >= '0' && c <= '9'; });
}

// Takes the step of the code, so that nobody who saw it can use it again.
bool take_code(store::WriteTx& tx, MemberId member, const Kept& kept, std::string_view code) {
  std::int64_t now = step_of(tx.now());
  for (std::int64_t step = now - kCodeDrift; step <= now + kCodeDrift; ++step) {
    if (step <= kept.step || !secrets::equal(one_time_code(kept.secret, step), code)) continue;
    tx.execute(R"sql(UPDATE second_factor SET step = ? WHERE member_id = ?)sql", step, member);
    return true;
  }
  return false;
}

std::vector<std::string> new_recovery_codes(store::WriteTx& tx, const secrets::Key& key,
                                            MemberId member) {
  tx.execute(R"sql(DELETE FROM recovery_code WHERE member_id = ?)sql", member);
  std::vector<std::string> out;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    std::string code = secrets::random_easy(kRecoverySize);
    std::string hash = recovery_hash(key, member, code);
    tx.execute(R"sql(INSERT INTO recovery_code(member_id, hash) VALUES (?, ?))sql", member,
               bytes(hash));
    for (std::size_t at = kRecoverySize - kRecoveryGroup; at > 0; at -= kRecoveryGroup) {
      code.insert(at, "-");
    }
    out.push_back(std::move(code));
  }
  return out;
}

}  // namespace

std::string one_time_code(std::string_view secret, std::int64_t step) {
  std::string counter(8, '\0');
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[7 - i] = static_cast<char>(static_cast<std::uint64_t>(step) >> (8 * i));
  }
  std::string mac = secrets::hmac_sha1(secret, counter);
  auto byte = [&mac](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[at]));
  };
  std::size_t at = byte(19) & 15;
  std::uint32_t number =
      ((byte(at) & 0x7F) << 24) | (byte(at + 1) << 16) | (byte(at + 2) << 8) | byte(at + 3);
  std::string digits = std::to_string(number % 1'000'000);
  return std::string(kCodeDigits - digits.size(), '0') + digits;
}

std::string_view name(Demanded of) {
  return of == Demanded::gestion ? "gestion" : "nobody";
}

Result<Demanded> parse_demanded(std::string_view wanted) {
  for (auto of : {Demanded::nobody, Demanded::gestion}) {
    if (name(of) == wanted) return of;
  }
  return fail(Code::bad_request, "a second factor is demanded of gestion or nobody");
}

Demanded second_factor_demanded_of(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT value FROM security_rule WHERE name = ?)sql", kRule);
  return rows.next() && rows.text(0) == name(Demanded::gestion) ? Demanded::gestion
                                                                : Demanded::nobody;
}

void demand_second_factor(store::WriteTx& tx, Demanded of) {
  tx.execute(R"sql(
    INSERT INTO security_rule(name, value) VALUES (?, ?)
    ON CONFLICT(name) DO UPDATE SET value = excluded.value)sql",
             kRule, name(of));
}

bool has_second_factor(store::ReadTx& tx, MemberId member) {
  auto rows = tx.query(R"sql(
    SELECT 1 FROM second_factor WHERE member_id = ? AND confirmed_at IS NOT NULL)sql",
                       member);
  return rows.next();
}

SecondStep second_step(store::ReadTx& tx, MemberId member, Role role) {
  if (has_second_factor(tx, member)) return SecondStep::code;
  bool demanded = role == Role::gestion && second_factor_demanded_of(tx) == Demanded::gestion;
  return demanded ? SecondStep::set_up : SecondStep::none;
}

Result<std::string> set_up_second_factor(store::WriteTx& tx, const secrets::Key& key,
                                         MemberId member) {
  if (has_second_factor(tx, member)) return fail(Code::exists, "there is a second factor");
  // Whoever loads the page again has shown the secret to the phone already.
  if (auto waiting = second_factor_waiting(tx, key, member)) return waiting;
  std::string secret = secrets::random_bytes(kSecretBytes);
  std::string sealed = secrets::encrypt(key, purpose_of(member), secret);
  tx.execute(R"sql(
    INSERT INTO second_factor(member_id, secret, started_at) VALUES (?, ?, ?)
    ON CONFLICT(member_id) DO UPDATE SET
      secret = excluded.secret, started_at = excluded.started_at, step = 0)sql",
             member, bytes(sealed), tx.now().ms);
  return text::base32_encode(secret);
}

Result<std::string> second_factor_waiting(store::ReadTx& tx, const secrets::Key& key,
                                          MemberId member) {
  auto kept = TRY(kept_of(tx, key, member));
  if (kept.confirmed || kept.started.ms + kSetUpLife.count() <= tx.now().ms) {
    return fail(Code::not_found, "no second factor is being set up");
  }
  return text::base32_encode(kept.secret);
}

Result<std::vector<std::string>> confirm_second_factor(store::WriteTx& tx, const secrets::Key& key,
                                                       MemberId member, std::string_view typed) {
  TRY(second_factor_waiting(tx, key, member));
  auto kept = TRY(kept_of(tx, key, member));
  std::string code = plain(typed);
  if (!is_code(code) || !take_code(tx, member, kept, code)) {
    return fail(Code::unauthorized, "a wrong code");
  }
  tx.execute(R"sql(UPDATE second_factor SET confirmed_at = ? WHERE member_id = ?)sql", tx.now().ms,
             member);
  return new_recovery_codes(tx, key, member);
}

Result<PassedBy> pass_second_factor(store::WriteTx& tx, const secrets::Key& key, MemberId member,
                                    std::string_view typed) {
  if (!has_second_factor(tx, member)) return fail(Code::not_found, "no second factor");
  std::string code = plain(typed);
  if (is_code(code)) {
    auto kept = TRY(kept_of(tx, key, member));
    if (take_code(tx, member, kept, code)) return PassedBy::application;
    return fail(Code::unauthorized, "a wrong code");
  }
  std::string hash = recovery_hash(key, member, code);
  auto used = tx.execute(R"sql(DELETE FROM recovery_code WHERE member_id = ? AND hash = ?)sql",
                         member, bytes(hash));
  if (used == 0) return fail(Code::unauthorized, "a wrong recovery code");
  return PassedBy::recovery_code;
}

Result<std::vector<std::string>> renew_recovery_codes(store::WriteTx& tx, const secrets::Key& key,
                                                      MemberId member) {
  if (!has_second_factor(tx, member)) return fail(Code::not_found, "no second factor");
  return new_recovery_codes(tx, key, member);
}

int recovery_codes_left(store::ReadTx& tx, MemberId member) {
  auto rows = tx.query(R"sql(SELECT count(*) FROM recovery_code WHERE member_id = ?)sql", member);
  return rows.next() ? static_cast<int>(rows.int64(0)) : 0;
}

bool end_second_factor(store::WriteTx& tx, MemberId member) {
  bool had = has_second_factor(tx, member);
  tx.execute(R"sql(DELETE FROM recovery_code WHERE member_id = ?)sql", member);
  tx.execute(R"sql(DELETE FROM second_factor WHERE member_id = ?)sql", member);
  return had;
}

}  // namespace essaim::members
