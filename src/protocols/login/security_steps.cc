// The forms of the security page that ask for a password or a code: a new password, the second
// factor.
#include <optional>

#include "features/members/members.h"
#include "features/members/second_factor.h"
#include "features/members/sessions.h"
#include "protocols/call/page.h"
#include "protocols/login/internal/answers.h"
#include "protocols/login/internal/overview.h"
#include "protocols/login/internal/two_steps.h"

namespace essaim::login::internal {

namespace {

using call::FormSignIn;
using members::audit::Action;
using Keep = call::Keep;
using CodeTyped = call::Answer::CodeTyped;

call::Answer done(std::string_view what) {
  // The page is asked for anew, so that going back or reloading changes nothing.
  return see_other(std::string(kSecurityPath) + "?done=" + std::string(what));
}

// What the password or the code in a form proves; what the page says when it proves nothing. A code
// is used up by it.
std::optional<Said> refused(store::WriteTx& tx, const call::Call& call) {
  if (call.form == FormSignIn::throttled) return Said::throttled;
  if (call.form == FormSignIn::right) return std::nullopt;
  if (call.form == FormSignIn::wrong) return Said::second_wrong;
  std::string code = field(call, "code");
  if (code.empty()) return Said::second_wrong;
  if (members::pass_second_factor(tx, call.key, call.caller->member, code)) return std::nullopt;
  record(tx, call, Action::second_factor_failed, call.caller->uid);
  return Said::second_wrong;
}

// With the code's own fate: when a password was typed there is none to forgive.
call::Answer proved(call::Answer answer) {
  answer.code = CodeTyped::right;
  return answer;
}

SetUp set_up_of(const call::Call& call, std::string secret) {
  return {.secret = std::move(secret), .uid = call.caller->uid, .action = kSecurityPath};
}

}  // namespace

call::Answer change_password(store::WriteTx& tx, const call::Call& call) {
  if (call.form == FormSignIn::throttled) return overview(tx, call, Said::throttled);
  if (call.form != FormSignIn::right) return overview(tx, call, Said::password_wrong);
  std::string wanted = field(call, "new_password");
  if (wanted != field(call, "new_password_again")) {
    return overview(tx, call, Said::password_differs);
  }
  if (!members::check_password(wanted)) return overview(tx, call, Said::password_short);
  if (call.password_hash.empty()) return overview(tx, call, Said::throttled);
  members::change_own_password(tx, call.caller->member, call.password_hash, call.caller->session);
  record(tx, call, Action::password_changed, call.caller->uid);
  return done("password");
}

call::Answer begin_second_factor(store::WriteTx& tx, const call::Call& call) {
  if (call.form == FormSignIn::throttled) return overview(tx, call, Said::throttled);
  if (call.form != FormSignIn::right) return overview(tx, call, Said::second_wrong);
  auto secret = members::set_up_second_factor(tx, call.key, call.caller->member);
  if (!secret) return overview(tx, call, Said::gone);
  return set_up_page(call, set_up_of(call, std::move(*secret)), FormSignIn::none);
}

call::Answer confirm_second_factor(store::WriteTx& tx, const call::Call& call) {
  MemberId member = call.caller->member;
  auto waiting = members::second_factor_waiting(tx, call.key, member);
  if (!waiting) return overview(tx, call, Said::gone);
  auto set_up = set_up_of(call, std::move(*waiting));
  if (call.form == FormSignIn::throttled) return set_up_page(call, set_up, call.form);
  auto codes = members::confirm_second_factor(tx, call.key, member, field(call, "code"));
  if (!codes) return set_up_page(call, set_up, FormSignIn::wrong);
  record(tx, call, Action::second_factor_on, call.caller->uid);
  return proved(recovery_codes_page(call, *codes, kSecurityPath));
}

call::Answer end_second_factor(store::WriteTx& tx, const call::Call& call) {
  if (auto why = refused(tx, call)) return {overview(tx, call, *why), Keep::yes};
  if (!members::end_second_factor(tx, call.caller->member)) return overview(tx, call, Said::gone);
  record(tx, call, Action::second_factor_off, call.caller->uid);
  return proved(done("second-off"));
}

call::Answer renew_recovery_codes(store::WriteTx& tx, const call::Call& call) {
  if (auto why = refused(tx, call)) return {overview(tx, call, *why), Keep::yes};
  auto codes = members::renew_recovery_codes(tx, call.key, call.caller->member);
  if (!codes) return overview(tx, call, Said::gone);
  record(tx, call, Action::recovery_codes_renewed, call.caller->uid);
  return proved(recovery_codes_page(call, *codes, kSecurityPath));
}

call::Answer demand_second_factor(store::WriteTx& tx, const call::Call& call) {
  auto of = members::parse_demanded(field(call, "of"));
  if (!of || call.caller->role != members::Role::gestion) {
    return call::error_page(call.language, {Code::forbidden, "not of gestion"},
                            call.space.display_name);
  }
  members::demand_second_factor(tx, *of);
  record(tx, call, Action::second_factor_demanded, members::name(*of));
  return done(*of == members::Demanded::gestion ? "demanded" : "not-demanded");
}

}  // namespace essaim::login::internal
