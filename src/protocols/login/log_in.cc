#include "features/members/members.h"
#include "features/members/second_factor.h"
#include "features/members/sessions.h"
#include "protocols/login/internal/answers.h"
#include "protocols/login/internal/pages.h"
#include "protocols/login/internal/two_steps.h"
#include "protocols/login/pages.h"

namespace essaim::login {

namespace {

struct Form {
  std::string user;
  std::string target;
};

http::Response form_page(const call::Call& call, const Form& form) {
  auto values = call::words(call.language, call.space.display_name);
  values.text("user", form.user).text("target", form.target);
  internal::set_failure(values, call.form);
  std::string title(internal::either(call, "Se connecter", "Log in"));
  if (internal::failure_status(call.form) != 200) {
    title.insert(0, internal::either(call, "Erreur : ", "Error: "));
  }
  auto response = call::page(call.language,
                             {.status = internal::failure_status(call.form),
                              .title = title,
                              .space_name = call.space.display_name},
                             html::fill(pages::log_in, values));
  if (response.status == 429) response.headers.set("Retry-After", "60");
  return response;
}

}  // namespace

http::Response login_page(store::ReadTx&, const call::Call& call) {
  Form form{internal::query(call, "user"),
            internal::target_of(internal::query(call, "redirect_url"))};
  if (call.caller != nullptr && internal::query(call, "again").empty()) {
    return internal::see_other(form.target);
  }
  return form_page(call, form);
}

call::Answer log_in(store::WriteTx& tx, const call::Call& call) {
  Form form{internal::field(call, "user"),
            internal::target_of(internal::field(call, "redirect_url"))};
  if (call.form != call::FormSignIn::right) return form_page(call, form);
  auto member = members::find(tx, call.caller->member);
  if (!member) return form_page(call, form);
  auto step = members::second_step(tx, member->id, member->role);
  if (step != members::SecondStep::none) {
    // Begun here, in a turn that may write, and shown on the next page.
    if (step == members::SecondStep::set_up) {
      (void)members::set_up_second_factor(tx, call.key, member->id);
    }
    return internal::to_second_step(tx, call, *member, form.target);
  }
  auto response = internal::see_other(form.target);
  internal::open_session(tx, call, *member, "password", response);
  return response;
}

http::Response logout_page(store::ReadTx&, const call::Call& call) {
  if (call.caller == nullptr) return internal::see_other("/login");
  auto values = call::words(call.language, call.space.display_name);
  values.text("name", call.caller->display);
  return call::page(call.language,
                    {.title = std::string(internal::either(call, "Se déconnecter", "Log out")),
                     .space_name = call.space.display_name},
                    html::fill(pages::log_out, values));
}

call::Answer log_out(store::WriteTx& tx, const call::Call& call) {
  if (call.caller != nullptr) {
    (void)members::end_session(tx, call.caller->member, call.caller->session);
  }
  auto response = internal::see_other("/login");
  internal::set_cookie(response, call, call::kSessionCookie, "", -1);
  return response;
}

}  // namespace essaim::login
