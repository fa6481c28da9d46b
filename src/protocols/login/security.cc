#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/members/members.h"
#include "features/members/second_factor.h"
#include "features/members/sessions.h"
#include "protocols/login/internal/agents.h"
#include "protocols/login/internal/answers.h"
#include "protocols/login/internal/overview.h"
#include "protocols/login/internal/pages.h"
#include "protocols/login/internal/two_steps.h"
#include "protocols/login/pages.h"

namespace essaim::login {

namespace {

using internal::kSecurityPath;
using internal::overview;
using internal::Said;
using members::audit::Action;

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

// What one form of the page is told about itself.
void say(html::Values& values, Said said) {
  bool throttled = said == Said::throttled;
  values.flag("ended", said == Said::ended)
      .flag("marked", said == Said::marked)
      .flag("gone", said == Said::gone)
      .flag("full", said == Said::full)
      .flag("throttled", throttled)
      .flag("password_changed", said == Said::password_changed)
      .flag("password_wrong", said == Said::password_wrong)
      .flag("password_short", said == Said::password_short)
      .flag("password_differs", said == Said::password_differs)
      .flag("second_off", said == Said::second_off)
      .flag("second_wrong", said == Said::second_wrong)
      .flag("now_demanded", said == Said::demanded)
      .flag("not_demanded", said == Said::not_demanded);
}

int status_of(Said said) {
  switch (said) {
    case Said::gone:
      return 404;
    case Said::full:
    case Said::password_wrong:
    case Said::second_wrong:
      return 403;
    case Said::password_short:
    case Said::password_differs:
      return 400;
    case Said::throttled:
      return 429;
    case Said::nothing:
    case Said::ended:
    case Said::marked:
    case Said::password_changed:
    case Said::second_off:
    case Said::demanded:
    case Said::not_demanded:
      return 200;
  }
  return 200;
}

Said said_by(std::string_view done) {
  struct Word {
    std::string_view word;
    Said said;
  };
  constexpr Word kWords[] = {{"ended", Said::ended},
                             {"marked", Said::marked},
                             {"password", Said::password_changed},
                             {"second-off", Said::second_off},
                             {"demanded", Said::demanded},
                             {"not-demanded", Said::not_demanded}};
  for (const auto& word : kWords) {
    if (word.word == done) return word.said;
  }
  return Said::nothing;
}

}  // namespace

http::Response internal::overview(store::ReadTx& tx, const call::Call& call, Said said) {
  const auto& caller = *call.caller;
  bool on = members::has_second_factor(tx, caller.member);
  bool demanded = members::second_factor_demanded_of(tx) == members::Demanded::gestion;
  auto values = call::words(call.language, call.space.display_name);
  values.text("name", caller.display)
      .text("user", caller.uid)
      .list("tokens", token_rows(tx, call))
      .list("sessions", session_rows(tx, call))
      .flag("second_on", on)
      .text("codes_left", std::to_string(members::recovery_codes_left(tx, caller.member)))
      .flag("gestion", caller.role == members::Role::gestion)
      .flag("demanded", demanded);
  say(values, said);
  int status = status_of(said);
  std::string title(
      internal::either(call, "Mes appareils et ma sécurité", "My devices and security"));
  if (status != 200) title.insert(0, internal::either(call, "Erreur : ", "Error: "));
  auto response = call::page(
      call.language,
      {.status = status, .title = title, .space_name = call.space.display_name, .wide = true},
      html::fill(pages::security, values));
  if (status == 429) response.headers.set("Retry-After", "60");
  return response;
}

namespace {

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
  if (name.empty()) return internal::see_other(kSecurityPath);
  auto token =
      members::give_token(tx, call.key, call.caller->member, name, members::TokenShape::typed);
  if (!token) return overview(tx, call, Said::full);
  internal::record(tx, call, Action::token_given, call.caller->uid + ": " + name);
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

// "" when it has none of that id.
std::string token_name(store::ReadTx& tx, MemberId member, TokenId id) {
  for (const auto& token : members::tokens_of(tx, member)) {
    if (token.id == id) return token.name;
  }
  return {};
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
  if (call.caller == nullptr) return internal::to_login(kSecurityPath, "");
  return overview(tx, call, said_by(internal::query(call, "done")));
}

namespace {

// A session or a token of the list.
call::Answer end_access(store::WriteTx& tx, const call::Call& call, const std::string& action) {
  std::int64_t id = text::to_int64(internal::field(call, "id")).value_or(0);
  MemberId member = call.caller->member;
  bool marks = action == "wipe_token";
  if (marks && internal::field(call, "sure") != "yes") return ask_to_wipe(tx, call, TokenId{id});
  std::string object = call.caller->uid + ": " + token_name(tx, member, TokenId{id});
  Result<void> done = fail(Code::not_found, "no such action");
  if (marks) done = members::wipe_token(tx, member, TokenId{id});
  if (action == "end_token") done = members::end_token(tx, member, TokenId{id});
  if (action == "end_session") done = members::end_session(tx, member, SessionId{id});
  if (!done) return overview(tx, call, Said::gone);
  if (marks) internal::record(tx, call, Action::token_wiped, object);
  if (action == "end_token") internal::record(tx, call, Action::token_ended, object);
  // The page is asked for anew, so that going back or reloading changes nothing.
  return internal::see_other(std::string(kSecurityPath) + (marks ? "?done=marked" : "?done=ended"));
}

}  // namespace

call::Answer change_security(store::WriteTx& tx, const call::Call& call) {
  if (call.caller == nullptr) return internal::to_login(kSecurityPath, "");
  struct Form {
    std::string_view action;
    call::Write handler;
  };
  constexpr Form kForms[] = {{"new_token", new_token},
                             {"change_password", internal::change_password},
                             {"begin_second_factor", internal::begin_second_factor},
                             {"confirm_second_factor", internal::confirm_second_factor},
                             {"end_second_factor", internal::end_second_factor},
                             {"renew_recovery_codes", internal::renew_recovery_codes},
                             {"demand_second_factor", internal::demand_second_factor}};
  std::string action = internal::field(call, "action");
  for (const auto& form : kForms) {
    if (form.action == action) return form.handler(tx, call);
  }
  return end_access(tx, call, action);
}

}  // namespace essaim::login
