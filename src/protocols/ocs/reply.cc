#include "protocols/ocs/reply.h"

#include "base/text/text.h"
#include "formats/uri/uri.h"
#include "formats/xml/writer.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;

bool wants_json(const http::RequestHead& head) {
  if (auto format = uri::form_value(head.query, "format")) return *format == "json";
  return text::lower_ascii(head.headers.joined("Accept")).find("json") != std::string::npos;
}

void append_xml(std::string& out, const json::value& value) {
  xml::Writer writer(out);
  if (const auto* object = value.if_object()) {
    for (const auto& field : *object) {
      writer.open(field.key());
      append_xml(out, field.value());
      writer.close(field.key());
    }
  } else if (const auto* list = value.if_array()) {
    for (const auto& item : *list) {
      writer.open("element");
      append_xml(out, item);
      writer.close("element");
    }
  } else if (const auto* text = value.if_string()) {
    writer.text(*text);
  } else if (const auto* truth = value.if_bool()) {
    if (*truth) out += '1';
  } else if (!value.is_null()) {
    out += json::serialize(value);
  }
}

http::Response envelope(const http::RequestHead& head, int http_status, int code,
                        std::string_view message, json::value data) {
  bool v1 = version_of(head) == Version::v1;
  json::object meta{{"status", code == 100 || code == 200 ? "ok" : "failure"},
                    {"statuscode", code},
                    {"message", message}};
  if (v1) {
    meta["totalitems"] = "";
    meta["itemsperpage"] = "";
  }
  json::value whole = {{"meta", std::move(meta)}, {"data", std::move(data)}};
  http::Response response;
  response.status = http_status;
  if (wants_json(head)) {
    response.headers.set("Content-Type", "application/json; charset=utf-8");
    response.body = json::serialize(json::value{{"ocs", std::move(whole)}});
  } else {
    response.headers.set("Content-Type", "application/xml; charset=utf-8");
    std::string body = "<?xml version=\"1.0\"?>\n<ocs>";
    append_xml(body, whole);
    body += "</ocs>\n";
    response.body = std::move(body);
  }
  return response;
}

struct Row {
  Code code;
  int http;  // in version 2; version 1 answers 200 to everything but 401 and overload
  int ocs;
  std::string_view french;
  std::string_view english;
};

constexpr Row kRows[] = {
    {Code::unauthorized, 401, 997, "Identifiant ou mot de passe incorrect.",
     "Wrong user name or password."},
    {Code::forbidden, 403, 403, "Vous n’avez pas le droit de faire cela.",
     "You are not allowed to do this."},
    {Code::not_found, 404, 404, "Introuvable.", "Not found."},
    {Code::wrong_kind, 405, 405, "Cela n’est pas possible ici.", "This is not possible here."},
    {Code::precondition_failed, 412, 412, "L’élément a changé entre-temps.",
     "The item has changed in the meantime."},
    {Code::locked, 423, 423, "Cet élément est verrouillé.", "This item is locked."},
    {Code::too_large, 413, 413, "C’est trop grand.", "This is too large."},
    {Code::too_many, 429, 429, "Trop d’essais. Réessayez dans quelques minutes.",
     "Too many attempts. Try again in a few minutes."},
    {Code::closed, 503, 503, "Cet espace est fermé pour le moment.",
     "This space is closed for now."},
    {Code::busy, 503, 503, "Le serveur est très occupé. Réessayez bientôt.",
     "The server is very busy. Try again soon."},
    {Code::read_only, 503, 503, "Cet espace est en lecture seule pour le moment.",
     "This space is read-only for now."},
    {Code::disk_full, 503, 503, "Cet espace est en lecture seule pour le moment.",
     "This space is read-only for now."},
    {Code::timeout, 503, 503, "Le serveur est très occupé. Réessayez bientôt.",
     "The server is very busy. Try again soon."},
    {Code::internal, 500, 996, "Une erreur s’est produite de notre côté.",
     "Something went wrong on our side."},
    {Code::io, 500, 996, "Une erreur s’est produite de notre côté.",
     "Something went wrong on our side."},
    {Code::corrupt, 500, 996, "Une erreur s’est produite de notre côté.",
     "Something went wrong on our side."},
    {Code::bad_request, 400, 400, "La demande n’est pas correcte.", "The request is not correct."},
};

// What has no row of its own is a bad request.
const Row& row_of(Code code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows[std::size(kRows) - 1];
}

}  // namespace

Version version_of(const http::RequestHead& head) {
  return head.path.starts_with("/ocs/v2.php") ? Version::v2 : Version::v1;
}

http::Response ok(const call::Call& call, json::value data) {
  bool v1 = version_of(call.head) == Version::v1;
  return envelope(call.head, 200, v1 ? 100 : 200, "OK", std::move(data));
}

http::Response refuse(const http::RequestHead& head, const Error& error, std::string_view message) {
  const Row& row = row_of(error.code);
  bool status_always = row.http == 401 || row.http == 429 || row.http == 503;
  int status = version_of(head) == Version::v2 || status_always ? row.http : 200;
  auto response = envelope(head, status, row.ocs, message, json::array());
  if (row.http == 503)
    response.headers.set("Retry-After", error.code == Code::closed ? "120" : "10");
  if (row.http == 429) response.headers.set("Retry-After", "60");
  if (error.code == Code::closed) response.headers.set("X-Nextcloud-Maintenance-Mode", "1");
  return response;
}

http::Response refuse(const http::RequestHead& head, call::Language language, const Error& error) {
  const Row& row = row_of(error.code);
  return refuse(head, error, language == call::Language::french ? row.french : row.english);
}

http::Response refuse(const call::Call& call, const Refusal& refusal) {
  int status = 200;
  if (version_of(call.head) == Version::v2) {
    status = refusal.code >= 400 && refusal.code < 600 ? refusal.code : 400;
    if (refusal.code == 998) status = 404;
  }
  bool french = call.language == call::Language::french;
  return envelope(call.head, status, refusal.code, french ? refusal.french : refusal.english,
                  json::array());
}

namespace {

void challenge(http::Response& response, const http::RequestHead& head, std::string_view realm) {
  auto with = head.headers.get("X-Requested-With");
  bool script = with && text::equal_ignoring_case(*with, "XMLHttpRequest");
  std::string value = script ? "DummyBasic realm=\"" : "Basic realm=\"";
  for (char c : realm) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') value.push_back(c);
  }
  value += "\", charset=\"UTF-8\"";
  response.headers.set("WWW-Authenticate", value);
}

}  // namespace

http::Response unauthorized(const http::RequestHead& head, std::string_view realm,
                            call::Language language) {
  auto response = refuse(head, language, {Code::unauthorized, {}});
  challenge(response, head, realm);
  return response;
}

http::Response password_forbidden(const http::RequestHead& head, std::string_view realm,
                                  call::Language language) {
  auto response = envelope(
      head, 401, 997,
      language == call::Language::french
          ? "Ici il faut un mot de passe d’application : ce compte a une connexion en deux étapes."
          : "An app password is needed here: this account signs in with two steps.",
      json::array());
  challenge(response, head, realm);
  return response;
}

}  // namespace essaim::ocs
