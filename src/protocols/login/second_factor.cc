#include "protocols/login/second_factor.h"

#include "features/members/second_factor.h"
#include "formats/uri/uri.h"
#include "protocols/login/internal/answers.h"
#include "protocols/login/internal/pages.h"
#include "protocols/login/internal/two_steps.h"

namespace essaim::login {

namespace {

using call::FormSignIn;
using members::SecondStep;
using members::audit::Action;
using Keep = call::Keep;

http::Response code_form(const call::Call& call, std::string_view target, FormSignIn form) {
  auto values = call::words(call.language, call.space.display_name);
  values.text("target", target)
      .text("other", "/login?again=1&redirect_url=" + uri::form_encode(target));
  internal::set_failure(values, form);
  int status = internal::failure_status(form);
  std::string title(internal::either(call, "Code de vérification", "Verification code"));
  if (status != 200) title.insert(0, internal::either(call, "Erreur : ", "Error: "));
  auto response = call::page(
      call.language, {.status = status, .title = title, .space_name = call.space.display_name},
      html::fill(pages::second_factor, values));
  if (status == 429) response.headers.set("Retry-After", "60");
  return response;
}

http::Response set_up_form(const call::Call& call, const members::Member& member,
                           const std::string& secret, std::string_view target, FormSignIn form) {
  return internal::set_up_page(call,
                               {.secret = secret,
                                .uid = member.uid,
                                .action = internal::kSecondFactorPath,
                                .target = std::string(target),
                                .demanded = true},
                               form);
}

// The half of before is of no use to anybody any more.
void forget_half(http::Response& response, const call::Call& call) {
  internal::set_cookie(response, call, internal::kHalfCookie, "", -1);
}

call::Answer first_code(store::WriteTx& tx, const call::Call& call, const members::Member& member,
                        const std::string& target) {
  auto waiting = members::second_factor_waiting(tx, call.key, member.id);
  // It waited for too long: a new secret, shown anew.
  if (!waiting) {
    auto secret = members::set_up_second_factor(tx, call.key, member.id);
    if (!secret) return internal::to_login(target, member.uid);
    return set_up_form(call, member, *secret, target, FormSignIn::none);
  }
  if (call.form == FormSignIn::throttled) {
    return set_up_form(call, member, *waiting, target, FormSignIn::throttled);
  }
  auto codes =
      members::confirm_second_factor(tx, call.key, member.id, internal::field(call, "code"));
  if (!codes) return set_up_form(call, member, *waiting, target, FormSignIn::wrong);
  internal::record(tx, call, member, Action::second_factor_on, member.uid);
  auto response = internal::recovery_codes_page(call, *codes, target);
  internal::open_session(tx, call, member, "code", response);
  forget_half(response, call);
  call::Answer answer(std::move(response));
  answer.code = call::Answer::CodeTyped::right;
  return answer;
}

}  // namespace

http::Response second_factor_page(store::ReadTx& tx, const call::Call& call) {
  std::string target = internal::target_of(internal::query(call, "redirect_url"));
  auto member = half_signed_in(tx, call.head, call.key);
  if (!member) return internal::to_login(target, "");
  switch (members::second_step(tx, member->id, member->role)) {
    case SecondStep::code:
      return code_form(call, target, FormSignIn::none);
    case SecondStep::set_up:
      if (auto secret = members::second_factor_waiting(tx, call.key, member->id)) {
        return set_up_form(call, *member, *secret, target, FormSignIn::none);
      }
      break;
    case SecondStep::none:
      break;
  }
  return internal::to_login(target, member->uid);
}

call::Answer second_factor(store::WriteTx& tx, const call::Call& call) {
  std::string target = internal::target_of(internal::field(call, "redirect_url"));
  auto member = half_signed_in(tx, call.head, call.key);
  if (!member) return internal::to_login(target, "");
  auto step = members::second_step(tx, member->id, member->role);
  if (step == SecondStep::set_up) return first_code(tx, call, *member, target);
  // Switched off since the password came: the log-in begins anew.
  if (step == SecondStep::none) return internal::to_login(target, member->uid);
  if (call.form == FormSignIn::throttled) return code_form(call, target, FormSignIn::throttled);
  std::string code = internal::field(call, "code");
  auto passed = members::pass_second_factor(tx, call.key, member->id, code);
  if (!passed) {
    if (!code.empty())
      internal::record(tx, call, *member, Action::second_factor_failed, member->uid);
    return {code_form(call, target, FormSignIn::wrong), Keep::yes};
  }
  bool recovery = *passed == members::PassedBy::recovery_code;
  auto response = internal::see_other(target);
  internal::open_session(tx, call, *member, recovery ? "recovery code" : "code", response);
  forget_half(response, call);
  call::Answer answer(std::move(response));
  answer.code = call::Answer::CodeTyped::right;
  return answer;
}

}  // namespace essaim::login
