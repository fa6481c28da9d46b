// What clients ask of the log-in flow, in JSON: start, poll, wipe.
#include <boost/json.hpp>
#include <optional>

#include "features/members/flows.h"
#include "features/members/members.h"
#include "formats/uri/uri.h"
#include "protocols/login/flows.h"
#include "protocols/login/internal/agents.h"
#include "protocols/login/internal/two_steps.h"

namespace essaim::login {

namespace {

namespace json = boost::json;

http::Response reply(int status, const json::value& value) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json; charset=utf-8");
  response.headers.set("Cache-Control", "no-store");
  response.body = json::serialize(value);
  return response;
}

http::Response nothing() {
  return reply(404, json::array());
}

struct Row {
  Code code;
  int status;
  std::string_view french;
  std::string_view english;
};

constexpr Row kRows[] = {
    {Code::wrong_kind, 405, "Cette adresse ne s’ouvre pas ainsi.",
     "This address is not opened this way."},
    {Code::too_large, 413, "La demande est trop longue.", "The request is too long."},
    {Code::too_many, 429, "Trop de demandes. Réessayez dans une minute.",
     "Too many requests. Try again in a minute."},
    {Code::closed, 503, "Cet espace est fermé pour le moment.", "This space is closed for now."},
    {Code::read_only, 503, "Cet espace est en lecture seule pour le moment.",
     "This space is read-only for now."},
    {Code::disk_full, 503, "Cet espace est en lecture seule pour le moment.",
     "This space is read-only for now."},
    {Code::busy, 503, "Le serveur est très occupé. Réessayez bientôt.",
     "The server is very busy. Try again soon."},
    {Code::timeout, 503, "Le serveur est très occupé. Réessayez bientôt.",
     "The server is very busy. Try again soon."},
    {Code::bad_request, 400, "La demande n’est pas correcte.", "The request is not correct."},
    {Code::internal, 500, "Une erreur s’est produite de notre côté.",
     "Something went wrong on our side."},
};

// What has no row of its own is an error of ours.
const Row& row_of(Code code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows[std::size(kRows) - 1];
}

// The `token` of a form, a query or JSON.
std::string token_of(const call::Call& call) {
  if (auto value = uri::form_value(call.head.query, "token")) return *value;
  if (!call.body.starts_with('{')) return uri::form_value(call.body, "token").value_or("");
  boost::system::error_code error;
  auto value = json::parse(call.body, error);
  const auto* object = error ? nullptr : value.if_object();
  const auto* token = object == nullptr ? nullptr : object->if_contains("token");
  return token != nullptr && token->is_string() ? std::string(token->get_string()) : std::string();
}

}  // namespace

http::Response refuse(call::Language language, const Error& error) {
  const Row& row = row_of(error.code);
  auto words = language == call::Language::french ? row.french : row.english;
  auto response = reply(row.status, json::object{{"error", words}});
  if (row.status == 429) response.headers.set("Retry-After", "60");
  if (row.status == 503) {
    response.headers.set("Retry-After", error.code == Code::closed ? "120" : "10");
  }
  return response;
}

call::Answer start_flow(store::WriteTx& tx, const call::Call& call) {
  auto flow = members::start_flow(tx, call.key, internal::agent_of(call.head));
  if (!flow) return refuse(call.language, flow.error());
  // CLIENT: the desktop gives up when it came by https and the endpoint is http.
  std::string base = call::base_url(call) + "/index.php/login/v2/";
  return reply(200, json::object{{"poll", {{"token", flow->poll}, {"endpoint", base + "poll"}}},
                                 {"login", base + "flow/" + flow->link}});
}

call::Answer poll_flow(store::WriteTx& tx, const call::Call& call) {
  auto granted = members::take_flow(tx, call.key, token_of(call));
  if (!granted && granted.error().code == Code::not_found) return nothing();
  if (!granted) return refuse(call.language, granted.error());
  return reply(200, json::object{{"server", call::base_url(call)},
                                 {"loginName", granted->login},
                                 {"appPassword", granted->token}});
}

http::Response wipe_check(store::ReadTx& tx, const call::Call& call) {
  auto token = members::find_token(tx, call.key, token_of(call));
  if (!token || !token->wipe) return nothing();
  return reply(200, json::object{{"wipe", true}});
}

call::Answer wipe_success(store::WriteTx& tx, const call::Call& call) {
  auto token = members::find_token(tx, call.key, token_of(call));
  if (!token || !token->wipe) return nothing();
  members::remove_token(tx, token->id);
  if (auto member = members::find(tx, token->member)) {
    internal::record(tx, call, *member, members::audit::Action::token_ended,
                     member->uid + ": " + token->name);
  }
  return reply(200, json::array());
}

}  // namespace essaim::login
