#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/members/members.h"
#include "features/members/sessions.h"
#include "protocols/login/internal/agents.h"
#include "protocols/login/internal/answers.h"
#include "protocols/login/internal/pages.h"
#include "protocols/login/pages.h"

namespace essaim::login {

namespace {

constexpr std::string_view kPath = "/settings/user/security";
constexpr std::size_t kNameMax = 100;  // bytes of the name of an app password

// "23/11/2026", "23 Nov 2026".
std::string day(Instant instant, call::Language language) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::string iso = format_iso8601(instant);
  std::string year = iso.substr(0, 4);
  std::string month = iso.substr(5, 2);
  std::string number = iso.substr(8, 2);
  if (language == call::Language::french) return number + "/" + month + "/" + year;
  auto at = static_cast<std::size_t>(text::to_int64(month).value_or(1) - 1) * 3;
  return number + " " + std::string(kMonths.substr(at, 3)) + " " + year;
}

std::vector<html::Values> token_rows(store::ReadTx& tx, const call::Call& call) {
  std::vector<html::Values> rows;
  for (const auto& token : members::tokens_of(tx, call.caller->member)) {
    auto& row = rows.emplace_back();
    row.text("id", std::to_string(token.id.value))
        .text("name", internal::agent_name(token.name, call.language))
        .text("created", day(token.created, call.language))
        .text("used", token.used ? day(*token.used, call.language) : "")
        .flag("wipe", token.wipe);
  }
  return rows;
}

std::vector<html::Values> session_rows(store::ReadTx& tx, const call::Call& call) {
  std::vector<html::Values> rows;
  for (const auto& session : members::sessions_of(tx, call.caller->member)) {
    auto& row = rows.emplace_back();
    row.text("id", std::to_string(session.id.value))
        .text("name", internal::agent_name(session.agent, call.language))
        .text("created", day(session.created, call.language))
        .text("used", day(session.used, call.language))
        .flag("this", session.id == call.caller->session);
  }
  return rows;
}

enum class Said : std::uint8_t { nothing, ended, marked, gone, full };

http::Response overview(store::ReadTx& tx, const call::Call& call, Said said) {
  auto values = call::words(call.language, call.space.display_name);
  values.text("name", call.caller->display)
      .text("user", call.caller->uid)
      .list("tokens", token_rows(tx, call))
      .list("sessions", session_rows(tx, call))
      .flag("ended", said == Said::ended)
      .flag("marked", said == Said::marked)
      .flag("gone", said == Said::gone)
      .flag("full", said == Said::full);
  int status = said == Said::gone ? 404 : said == Said::full ? 403 : 200;
  return call::page(call.language,
                    {.status = status,
                     .title = std::string(internal::either(call, "Mes appareils et ma sécurité",
                                                           "My devices and security")),
                     .space_name = call.space.display_name,
                     .wide = true},
                    html::fill(pages::security, values));
}

// The name as people gave it: on one line, and cut to a length that can be read.
std::string given_name(const call::Call& call) {
  std::string whole = internal::field(call, "name");
  if (!text::valid_utf8(whole)) return {};
  std::string_view name = text::trim(whole);
  std::size_t end = std::min(name.size(), kNameMax);
  while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  std::string out(name.substr(0, end));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return out;
}

call::Answer new_token(store::WriteTx& tx, const call::Call& call) {
  std::string name = given_name(call);
  if (name.empty()) return internal::see_other(kPath);
  auto token =
      members::give_token(tx, call.key, call.caller->member, name, members::TokenShape::typed);
  if (!token) return overview(tx, call, Said::full);
  auto values = call::words(call.language, call.space.display_name);
  values.text("name", name)
      .text("address", call::base_url(call))
      .text("user", call.caller->uid)
      .text("secret", token->secret);
  return call::page(call.language,
                    {.title = std::string(internal::either(call, "Votre mot de passe d’application",
                                                           "Your app password")),
                     .space_name = call.space.display_name},
                    html::fill(pages::new_token, values));
}

// Asks before a device loses what it holds.
call::Answer ask_to_wipe(store::ReadTx& tx, const call::Call& call, TokenId id) {
  for (const auto& token : members::tokens_of(tx, call.caller->member)) {
    if (token.id != id) continue;
    auto values = call::words(call.language, call.space.display_name);
    values.text("id", std::to_string(id.value))
        .text("name", internal::agent_name(token.name, call.language));
    return call::page(call.language,
                      {.title = std::string(
                           internal::either(call, "Effacer cet appareil ?", "Erase this device?")),
                       .space_name = call.space.display_name},
                      html::fill(pages::wipe, values));
  }
  return overview(tx, call, Said::gone);
}

}  // namespace

http::Response security_page(store::ReadTx& tx, const call::Call& call) {
  if (call.caller == nullptr) return internal::to_login(kPath, "");
  std::string done = internal::query(call, "done");
  return overview(tx, call,
                  done == "ended"    ? Said::ended
                  : done == "marked" ? Said::marked
                                     : Said::nothing);
}

call::Answer change_security(store::WriteTx& tx, const call::Call& call) {
  if (call.caller == nullptr) return internal::to_login(kPath, "");
  std::string action = internal::field(call, "action");
  if (action == "new_token") return new_token(tx, call);
  std::int64_t id = text::to_int64(internal::field(call, "id")).value_or(0);
  MemberId member = call.caller->member;
  bool marks = action == "wipe_token";
  if (marks && internal::field(call, "sure") != "yes") return ask_to_wipe(tx, call, TokenId{id});
  Result<void> done = fail(Code::not_found, "no such action");
  if (marks) done = members::wipe_token(tx, member, TokenId{id});
  if (action == "end_token") done = members::end_token(tx, member, TokenId{id});
  if (action == "end_session") done = members::end_session(tx, member, SessionId{id});
  if (!done) return overview(tx, call, Said::gone);
  // The page is asked for anew, so that going back or reloading changes nothing.
  return internal::see_other(std::string(kPath) + (marks ? "?done=marked" : "?done=ended"));
}

}  // namespace essaim::login
