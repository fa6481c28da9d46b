#include "protocols/dav/errors.h"

#include "base/core/check.h"
#include "base/text/text.h"
#include "formats/xml/writer.h"

namespace essaim::dav {

namespace {

struct Row {
  Code code;
  int status;
  std::string_view exception;
  std::string_view french;
  std::string_view english;
};

// CLIENT: desktop, Android and iOS show the message and recognise the exception by name.
// "Storage is temporarily not available" makes the desktop wait for one file instead of stopping
// the whole synchronisation, so those words are never translated.
constexpr Row kRows[] = {
    {Code::bad_request, 400, "Sabre\\DAV\\Exception\\BadRequest", "La demande n’est pas correcte.",
     "The request is not correct."},
    {Code::invalid_name, 400, "OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath",
     "Ce nom n’est pas permis.", "This name is not allowed."},
    {Code::checksum_mismatch, 400, "Sabre\\DAV\\Exception\\BadRequest",
     "Le fichier reçu n’est pas celui annoncé : sa somme de contrôle diffère.",
     "The file received is not the one announced: its checksum differs."},
    {Code::unauthorized, 401, "Sabre\\DAV\\Exception\\NotAuthenticated",
     "Identifiant ou mot de passe incorrect.", "Wrong user name or password."},
    {Code::forbidden, 403, "Sabre\\DAV\\Exception\\Forbidden",
     "Vous n’avez pas le droit de faire cela.", "You are not allowed to do this."},
    {Code::not_found, 404, "Sabre\\DAV\\Exception\\NotFound", "Introuvable.", "Not found."},
    {Code::exists, 405, "Sabre\\DAV\\Exception\\MethodNotAllowed", "Cet élément existe déjà.",
     "This already exists."},
    {Code::wrong_kind, 405, "Sabre\\DAV\\Exception\\MethodNotAllowed",
     "Cela n’est pas possible ici.", "This is not possible here."},
    {Code::conflict, 409, "Sabre\\DAV\\Exception\\Conflict", "Le dossier parent n’existe pas.",
     "The parent folder does not exist."},
    {Code::precondition_failed, 412, "Sabre\\DAV\\Exception\\PreconditionFailed",
     "L’élément a changé entre-temps.", "The item has changed in the meantime."},
    {Code::too_large, 413, "OCA\\DAV\\Connector\\Sabre\\Exception\\EntityTooLarge",
     "C’est trop grand.", "This is too large."},
    {Code::unsupported, 501, "Sabre\\DAV\\Exception\\NotImplemented",
     "Cette fonction n’existe pas.", "This function does not exist."},
    {Code::locked, 423, "Sabre\\DAV\\Exception\\Locked", "Cet élément est verrouillé.",
     "This item is locked."},
    {Code::too_many, 429, "OCA\\DAV\\Connector\\Sabre\\Exception\\TooManyRequests",
     "Trop d’essais. Réessayez dans quelques minutes.",
     "Too many attempts. Try again in a few minutes."},
    {Code::quota_exceeded, 507, "Sabre\\DAV\\Exception\\InsufficientStorage",
     "Il n’y a plus assez de place.", "There is not enough room left."},
    {Code::busy, 503, "Sabre\\DAV\\Exception\\ServiceUnavailable",
     "Storage is temporarily not available", "Storage is temporarily not available"},
    {Code::read_only, 503, "Sabre\\DAV\\Exception\\ServiceUnavailable",
     "Storage is temporarily not available", "Storage is temporarily not available"},
    {Code::disk_full, 503, "Sabre\\DAV\\Exception\\ServiceUnavailable",
     "Storage is temporarily not available", "Storage is temporarily not available"},
    {Code::timeout, 503, "Sabre\\DAV\\Exception\\ServiceUnavailable",
     "Storage is temporarily not available", "Storage is temporarily not available"},
    {Code::io, 503, "Sabre\\DAV\\Exception\\ServiceUnavailable",
     "Storage is temporarily not available", "Storage is temporarily not available"},
    {Code::corrupt, 503, "Sabre\\DAV\\Exception\\ServiceUnavailable",
     "Storage is temporarily not available", "Storage is temporarily not available"},
    {Code::closed, 503, "Sabre\\DAV\\Exception\\ServiceUnavailable",
     "Cet espace est fermé pour le moment.", "This space is closed for now."},
    {Code::internal, 500, "Sabre\\DAV\\Exception", "Une erreur s’est produite de notre côté.",
     "Something went wrong on our side."},
};

const Row& row_of(Code code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  CHECK(false && "every code has a row");
  return kRows[0];
}

std::string body_of(const Row& row, const Error& error, call::Language language,
                    std::string_view condition) {
  std::string body(xml::kDeclaration);
  xml::Writer writer(body);
  writer.raw("<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\">");
  writer.element("s:exception", row.exception);
  bool named = error.code == Code::invalid_name && !error.detail.empty();
  std::string_view message = language == call::Language::french ? row.french : row.english;
  writer.element("s:message", named ? std::string_view(error.detail) : message);
  if (error.code == Code::invalid_name) {
    writer.raw("<o:retry xmlns:o=\"o:\">false</o:retry><o:reason xmlns:o=\"o:\">");
    writer.text(named ? std::string_view(error.detail) : message);
    writer.raw("</o:reason>");
  }
  writer.raw(condition);
  writer.close("d:error");
  return body;
}

}  // namespace

http::Response error_response(const Error& error, call::Language language,
                              std::string_view condition) {
  const Row& row = row_of(error.code);
  http::Response response;
  response.status = row.status;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  if (error.code == Code::closed) {
    response.headers.set("Retry-After", "120");
    response.headers.set("X-Nextcloud-Maintenance-Mode", "1");
  } else if (row.status == 503) {
    response.headers.set("Retry-After", "10");
  } else if (row.status == 429) {
    response.headers.set("Retry-After", "60");
  }
  response.body = body_of(row, error, language, condition);
  return response;
}

namespace {

void challenge(http::Response& response, const http::RequestHead& head, std::string_view realm) {
  auto with = head.headers.get("X-Requested-With");
  bool script = with && text::equal_ignoring_case(*with, "XMLHttpRequest");
  std::string value = script ? "DummyBasic" : "Basic";
  value += " realm=\"";
  for (char c : realm) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') value.push_back(c);
  }
  value += "\", charset=\"UTF-8\"";
  response.headers.set("WWW-Authenticate", value);
}

constexpr Row kPasswordForbidden{
    Code::unauthorized, 401, "OCA\\DAV\\Connector\\Sabre\\Exception\\PasswordLoginForbidden",
    "Ici il faut un mot de passe d’application : ce compte a une connexion en deux étapes.",
    "An app password is needed here: this account signs in with two steps."};

}  // namespace

http::Response unauthorized(const http::RequestHead& head, std::string_view realm,
                            call::Language language) {
  http::Response response = error_response(Code::unauthorized, language);
  challenge(response, head, realm);
  return response;
}

http::Response password_forbidden(const http::RequestHead& head, std::string_view realm,
                                  call::Language language) {
  http::Response response;
  response.status = kPasswordForbidden.status;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  response.body = body_of(kPasswordForbidden, {Code::unauthorized, {}}, language,
                          "<o:hint xmlns:o=\"o:\">password login forbidden</o:hint>");
  challenge(response, head, realm);
  return response;
}

http::Response method_not_allowed(std::string_view allow, call::Language language) {
  http::Response response = error_response(Code::wrong_kind, language);
  response.headers.set("Allow", allow);
  return response;
}

std::string_view status_line(int status) {
  switch (status) {
    case 200:
      return "HTTP/1.1 200 OK";
    case 403:
      return "HTTP/1.1 403 Forbidden";
    case 404:
      return "HTTP/1.1 404 Not Found";
    case 409:
      return "HTTP/1.1 409 Conflict";
    case 423:
      return "HTTP/1.1 423 Locked";
    case 424:
      return "HTTP/1.1 424 Failed Dependency";
    case 507:
      return "HTTP/1.1 507 Insufficient Storage";
    default:
      return "HTTP/1.1 500 Internal Server Error";
  }
}

}  // namespace essaim::dav
