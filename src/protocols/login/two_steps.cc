#include "protocols/login/internal/two_steps.h"

#include "base/text/text.h"
#include "features/members/sessions.h"
#include "formats/http/cookies.h"
#include "formats/qr/qr.h"
#include "formats/uri/uri.h"
#include "protocols/login/internal/agents.h"
#include "protocols/login/internal/answers.h"
#include "protocols/login/internal/pages.h"
#include "protocols/login/internal/pending.h"
#include "protocols/login/second_factor.h"

namespace essaim::login {

namespace {

// Member, end, and what nobody but us can make of them and of the password's hash.
std::string half_seal(const secrets::Key& key, std::string_view host, std::string_view claim,
                      std::string_view password_hash) {
  std::string text(claim);
  text += ':';
  text += password_hash;
  return internal::sealed(key, host, "half signed in", text);
}

}  // namespace

std::optional<members::Member> half_signed_in(store::ReadTx& tx, const http::RequestHead& head,
                                              const secrets::Key& key) {
  auto cookie = http::find_cookie(head.headers, call::cookie_name(head, internal::kHalfCookie));
  if (!cookie) return std::nullopt;
  auto dot = cookie->find('.');
  auto last = cookie->rfind('.');
  if (dot == std::string_view::npos || dot == last) return std::nullopt;
  auto id = text::to_int64(cookie->substr(0, dot));
  auto end = text::to_int64(cookie->substr(dot + 1, last - dot - 1));
  if (!id || !end || *end <= tx.now().ms) return std::nullopt;
  auto member = members::find(tx, MemberId{*id});
  if (!member || member->disabled) return std::nullopt;
  auto hash = members::password_hash(tx, member->id);
  if (!hash) return std::nullopt;
  std::string seal = half_seal(key, head.host, cookie->substr(0, last), *hash);
  if (!secrets::equal(seal, cookie->substr(last + 1))) return std::nullopt;
  return *member;
}

namespace internal {

namespace {

// Percent-encoded, a space too: authenticators show a plus as it is.
std::string encoded(std::string_view text) {
  std::string out;
  for (char c : uri::form_encode(text)) {
    if (c == '+') {
      out += "%20";
    } else {
      out += c;
    }
  }
  return out;
}

// What authenticators read (Key Uri Format): the account, its secret, and whose it is.
std::string key_uri(std::string_view issuer, std::string_view uid, std::string_view secret) {
  std::string out = "otpauth://totp/" + encoded(issuer) + ":" + encoded(uid);
  out += "?secret=";
  out += secret;
  out += "&issuer=" + encoded(issuer);
  return out;
}

// In groups of four, for whoever types it.
std::string spaced(std::string_view secret) {
  std::string out;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    if (i > 0 && i % 4 == 0) out += ' ';
    out += secret[i];
  }
  return out;
}

}  // namespace

void record(store::WriteTx& tx, const call::Call& call, const members::Member& actor,
            members::audit::Action action, std::string_view object) {
  members::audit::record(tx, call.key,
                         {.actor = actor.uid,
                          .member = actor.id,
                          .action = action,
                          .object = std::string(object),
                          .address = call.head.remote_address});
}

void record(store::WriteTx& tx, const call::Call& call, members::audit::Action action,
            std::string_view object) {
  members::audit::record(tx, call.key,
                         {.actor = call.caller->uid,
                          .member = call.caller->member,
                          .action = action,
                          .object = std::string(object),
                          .address = call.head.remote_address});
}

void open_session(store::WriteTx& tx, const call::Call& call, const members::Member& member,
                  std::string_view how, http::Response& response) {
  // The session of before is not kept beside the new one: its secret is older than the password.
  if (auto before = members::find_session(tx, call.key, call::session_secret(call.head))) {
    (void)members::end_session(tx, before->member, before->id);
  }
  auto secret = members::start_session(tx, call.key, member.id, agent_of(call.head));
  record(tx, call, member, members::audit::Action::signed_in, how);
  set_cookie(response, call, call::kSessionCookie, secret, 0);
}

http::Response to_second_step(store::ReadTx& tx, const call::Call& call,
                              const members::Member& member, std::string_view target) {
  std::string location(kSecondFactorPath);
  location += "?redirect_url=" + uri::form_encode(target);
  auto response = see_other(location);
  std::string cookie = std::to_string(member.id.value) + '.' +
                       std::to_string(tx.now().ms + std::int64_t{kHalfLife} * 1'000);
  std::string hash = members::password_hash(tx, member.id).value_or("");
  cookie += '.' + half_seal(call.key, call.head.host, cookie, hash);
  set_cookie(response, call, kHalfCookie, cookie, kHalfLife);
  return response;
}

http::Response set_up_page(const call::Call& call, const SetUp& set_up, call::FormSignIn form) {
  std::string uri = key_uri(call.space.display_name, set_up.uid, set_up.secret);
  auto picture = qr::draw(uri);
  auto values = call::words(call.language, call.space.display_name);
  values.text("uri", uri)
      .text("secret", spaced(set_up.secret))
      .text("size", std::to_string(picture.size))
      .text("picture", picture.path)
      .text("user", set_up.uid)
      .text("action", set_up.action)
      .text("target", set_up.target)
      .flag("demanded", set_up.demanded);
  set_failure(values, form);
  std::string title(
      either(call, "Installer la connexion en deux étapes", "Set up signing in with two steps"));
  int status = failure_status(form);
  if (status != 200) title.insert(0, either(call, "Erreur : ", "Error: "));
  auto response = call::page(
      call.language, {.status = status, .title = title, .space_name = call.space.display_name},
      html::fill(pages::set_up, values));
  if (status == 429) response.headers.set("Retry-After", "60");
  return response;
}

http::Response recovery_codes_page(const call::Call& call, const std::vector<std::string>& codes,
                                   std::string_view next) {
  std::vector<html::Values> rows;
  for (const auto& code : codes) rows.emplace_back().text("code", code);
  auto values = call::words(call.language, call.space.display_name);
  values.list("codes", std::move(rows)).text("next", next);
  return call::page(
      call.language,
      {.title = std::string(either(call, "Vos codes de secours", "Your recovery codes")),
       .space_name = call.space.display_name},
      html::fill(pages::recovery_codes, values));
}

}  // namespace internal

}  // namespace essaim::login
