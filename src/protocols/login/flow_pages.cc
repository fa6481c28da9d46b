// The browser's side of both log-in flows. The pages are the same; what differs is where the forms
// go, and how the client gets its token.
#include "base/text/text.h"
#include "features/members/flows.h"
#include "features/members/members.h"
#include "formats/uri/uri.h"
#include "protocols/login/flows.h"
#include "protocols/login/internal/agents.h"
#include "protocols/login/internal/answers.h"
#include "protocols/login/internal/pages.h"
#include "protocols/login/internal/pending.h"
#include "protocols/login/internal/two_steps.h"

namespace essaim::login {

namespace {

using internal::Pending;
using internal::Version;

struct Addresses {
  std::string_view consent;
  std::string_view agree;
  std::string_view apptoken;
  // The last redirect of v1 leaves the web; a browser asks the page whether its form may lead
  // there.
  std::string_view form_scheme;
};

constexpr Addresses addresses(Version version) {
  return version == Version::v2
             ? Addresses{"/login/v2/grant", "/login/v2/grant", "/login/v2/apptoken", ""}
             : Addresses{"/login/flow/grant", "/login/flow", "/login/flow/apptoken", "nc:"};
}

http::Response over(const call::Call& call) {
  return call::notice(
      call.language,
      {.status = 403,
       .title = std::string(internal::either(call, "Cette connexion n’est plus valable",
                                             "This log-in is no longer valid")),
       .space_name = call.space.display_name},
      internal::either(call,
                       "Elle a déjà servi, ou trop de temps a passé. Retournez dans votre "
                       "application et recommencez.",
                       "It was used already, or too much time has passed. Go back to your "
                       "application and start again."));
}

http::Response too_many(const call::Call& call) {
  return call::notice(
      call.language,
      {.status = 403,
       .title = std::string(internal::either(call, "Trop d’applications", "Too many applications")),
       .space_name = call.space.display_name},
      internal::either(call,
                       "Votre compte a déjà le plus grand nombre d’applications permis. Retirez "
                       "celles qui ne servent plus sur la page « Mes appareils et ma sécurité ».",
                       "Your account has the highest number of applications already. Remove those "
                       "you no longer use on the page “My devices and security”."));
}

html::Values flow_values(const call::Call& call, const Pending& flow, std::string_view user) {
  auto where = addresses(flow.version);
  auto values = call::words(call.language, call.space.display_name);
  values.text("client", internal::agent_name(flow.client, call.language))
      .text("state", flow.state)
      .text("user", user)
      .text("consent", where.consent)
      .text("agree", where.agree)
      .text("apptoken", where.apptoken);
  return values;
}

call::Page page_of(const call::Call& call, Version version, std::string_view french,
                   std::string_view english) {
  return {.title = std::string(internal::either(call, french, english)),
          .space_name = call.space.display_name,
          .form_scheme = addresses(version).form_scheme};
}

http::Response welcome(const call::Call& call, const Pending& flow) {
  auto values = flow_values(call, flow, internal::query(call, "user"));
  return call::page(
      call.language,
      page_of(call, flow.version, "Connecter une application", "Connect an application"),
      html::fill(pages::flow, values));
}

// Where somebody who is not signed in has to go before they may agree.
http::Response sign_in_first(const call::Call& call, const Pending& flow) {
  std::string path(addresses(flow.version).consent);
  path += "?stateToken=" + flow.state;
  return internal::to_login(path, internal::query(call, "user"));
}

http::Response consent(store::ReadTx& tx, const call::Call& call, Version version) {
  auto flow = internal::pending_flow(tx, call, version, internal::query(call, "stateToken"));
  if (!flow) return over(call);
  if (call.caller == nullptr) return sign_in_first(call, *flow);
  auto values = flow_values(call, *flow, call.caller->uid);
  std::string back(addresses(version).consent);
  back += "?stateToken=" + flow->state;
  values.text("name", call.caller->display)
      .text("other", "/login?again=1&redirect_url=" + uri::form_encode(back));
  return call::page(call.language, page_of(call, version, "Autoriser l’accès ?", "Allow access?"),
                    html::fill(pages::consent, values));
}

http::Response token_form(const call::Call& call, const Pending& flow, std::string_view user) {
  auto values = flow_values(call, flow, user);
  internal::set_failure(values, call.form);
  auto page =
      page_of(call, flow.version, "Utiliser un mot de passe d’application", "Use an app password");
  page.status = internal::failure_status(call.form);
  if (page.status != 200) page.title.insert(0, internal::either(call, "Erreur : ", "Error: "));
  auto response = call::page(call.language, page, html::fill(pages::apptoken, values));
  if (response.status == 429) response.headers.set("Retry-After", "60");
  return response;
}

http::Response token_page(store::ReadTx& tx, const call::Call& call, Version version) {
  auto flow = internal::pending_flow(tx, call, version);
  if (!flow) return over(call);
  return token_form(call, *flow, internal::query(call, "user"));
}

http::Response done(const call::Call& call, const Pending& flow) {
  auto values = flow_values(call, flow, "");
  auto response = call::page(call.language, page_of(call, flow.version, "C’est fait", "All done"),
                             html::fill(pages::done, values));
  internal::set_cookie(response, call, internal::kFlowCookie, "", -1);
  return response;
}

// CLIENT: Android, iOS and Talk of the time of v1 wait for this redirect in their own browser. The
// ampersands and colons are bare, the values form-encoded.
http::Response hand_over(const call::Call& call, std::string_view user, std::string_view token) {
  std::string location = "nc://login/server:" + call::base_url(call);
  location += "&user:" + uri::form_encode(user);
  location += "&password:" + uri::form_encode(token);
  auto response = internal::see_other(location);
  internal::set_cookie(response, call, internal::kFlowCookie, "", -1);
  return response;
}

}  // namespace

http::Response open_flow(store::ReadTx& tx, const call::Call& call) {
  std::string_view path = call.head.path;
  std::string_view link = path.substr(path.rfind('/') + 1);
  if (!members::flow_client(tx, call.key, link)) return over(call);
  std::string location = "/login/v2/flow";
  if (auto user = internal::query(call, "user"); !user.empty()) {
    location += "?user=" + uri::form_encode(user);
  }
  auto response = internal::see_other(location);
  internal::set_cookie(response, call, internal::kFlowCookie, "2" + std::string(link),
                       internal::kFlowCookieLife);
  return response;
}

http::Response flow_page(store::ReadTx& tx, const call::Call& call) {
  auto flow = internal::pending_flow(tx, call, Version::v2);
  return flow ? welcome(call, *flow) : over(call);
}

http::Response consent_page(store::ReadTx& tx, const call::Call& call) {
  return consent(tx, call, Version::v2);
}

call::Answer grant(store::WriteTx& tx, const call::Call& call) {
  auto flow = internal::pending_flow(tx, call, Version::v2, internal::field(call, "stateToken"));
  if (!flow) return over(call);
  if (call.caller == nullptr) return sign_in_first(call, *flow);
  auto member = members::find(tx, call.caller->member);
  if (!member) return over(call);
  auto granted = members::grant_flow(tx, call.key, flow->link, *member);
  if (!granted && granted.error().code == Code::too_many) return too_many(call);
  if (!granted) return over(call);
  internal::record(tx, call, members::audit::Action::token_given,
                   member->uid + ": " + flow->client);
  return done(call, *flow);
}

http::Response apptoken_page(store::ReadTx& tx, const call::Call& call) {
  return token_page(tx, call, Version::v2);
}

call::Answer grant_apptoken(store::WriteTx& tx, const call::Call& call) {
  auto flow = internal::pending_flow(tx, call, Version::v2, internal::field(call, "stateToken"));
  if (!flow) return over(call);
  if (call.form != call::FormSignIn::right) {
    return token_form(call, *flow, internal::field(call, "user"));
  }
  auto granted = members::grant_flow_with(tx, call.key, flow->link, call.caller->uid,
                                          text::trim(internal::field(call, "password")));
  return granted ? done(call, *flow) : over(call);
}

http::Response open_old_flow(store::ReadTx& tx, const call::Call& call) {
  auto asked = call.head.headers.get("OCS-APIRequest");
  if (!asked || !text::equal_ignoring_case(*asked, "true")) {
    return call::notice(
        call.language,
        {.status = 403,
         .title = std::string(internal::either(call, "Cette page s’ouvre depuis une application",
                                               "This page is opened by an application")),
         .space_name = call.space.display_name},
        internal::either(call, "Commencez la connexion dans l’application de votre appareil.",
                         "Start the log-in in the application on your device."));
  }
  std::string cookie = internal::old_flow_cookie(call, tx.now());
  auto response = welcome(call, internal::old_flow(call, cookie));
  internal::set_cookie(response, call, internal::kFlowCookie, cookie, internal::kFlowCookieLife);
  return response;
}

http::Response old_consent_page(store::ReadTx& tx, const call::Call& call) {
  return consent(tx, call, Version::v1);
}

call::Answer grant_old(store::WriteTx& tx, const call::Call& call) {
  auto flow = internal::pending_flow(tx, call, Version::v1, internal::field(call, "stateToken"));
  if (!flow) return over(call);
  if (call.caller == nullptr) return sign_in_first(call, *flow);
  auto token = members::add_token(tx, call.key, call.caller->member, flow->client);
  if (!token) return too_many(call);
  internal::record(tx, call, members::audit::Action::token_given,
                   call.caller->uid + ": " + flow->client);
  return hand_over(call, call.caller->uid, *token);
}

http::Response old_apptoken_page(store::ReadTx& tx, const call::Call& call) {
  return token_page(tx, call, Version::v1);
}

call::Answer grant_old_apptoken(store::WriteTx& tx, const call::Call& call) {
  auto flow = internal::pending_flow(tx, call, Version::v1, internal::field(call, "stateToken"));
  if (!flow) return over(call);
  if (call.form != call::FormSignIn::right) {
    return token_form(call, *flow, internal::field(call, "user"));
  }
  return hand_over(call, call.caller->uid, text::trim(internal::field(call, "password")));
}

}  // namespace essaim::login
