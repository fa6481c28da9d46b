#include "protocols/call/page.h"

#include "base/secrets/digest.h"
#include "base/text/text.h"
#include "formats/uri/uri.h"
#include "protocols/call/internal/pages.h"

namespace essaim::call {

namespace {

struct Row {
  Code code;
  int status;
  std::string_view french_title;
  std::string_view french;
  std::string_view english_title;
  std::string_view english;
};

constexpr std::string_view kFrenchOurs = "Une erreur de notre côté";
constexpr std::string_view kEnglishOurs = "An error on our side";

constexpr Row kRows[] = {
    {Code::not_found, 404, "Page introuvable", "Cette adresse ne mène nulle part.",
     "Page not found", "This address leads nowhere."},
    {Code::forbidden, 403, "Demande refusée",
     "Cette demande vient d’une autre page que les nôtres, ou d’une page trop ancienne. "
     "Recommencez depuis le début.",
     "Request refused",
     "This request comes from a page that is not ours, or from one that is too old. Please start "
     "again."},
    {Code::wrong_kind, 405, "Page introuvable", "Cette adresse ne s’ouvre pas ainsi.",
     "Page not found", "This address is not opened this way."},
    {Code::too_large, 413, "C’est trop grand", "La demande est trop longue.", "Too large",
     "The request is too long."},
    {Code::too_many, 429, "Trop d’essais", "Attendez une minute, puis réessayez.",
     "Too many attempts", "Wait a minute, then try again."},
    {Code::closed, 503, "Espace fermé pour le moment",
     "Vos fichiers sont gardés. Pour en savoir plus, écrivez à la personne qui héberge cet espace.",
     "Space closed for now",
     "Your files are kept. To learn more, write to whoever hosts this space."},
    {Code::read_only, 503, "Espace en lecture seule",
     "Vos fichiers sont gardés. Rien ne peut être changé pour le moment.", "Space is read-only",
     "Your files are kept. Nothing can be changed for now."},
    {Code::disk_full, 503, "Espace en lecture seule",
     "Vos fichiers sont gardés. Rien ne peut être changé pour le moment.", "Space is read-only",
     "Your files are kept. Nothing can be changed for now."},
    {Code::busy, 503, "Beaucoup de monde", "Le serveur est très occupé. Réessayez bientôt.",
     "Very busy", "The server is very busy. Try again soon."},
    {Code::timeout, 503, "Beaucoup de monde", "Le serveur est très occupé. Réessayez bientôt.",
     "Very busy", "The server is very busy. Try again soon."},
    {Code::internal, 500, kFrenchOurs, "Réessayez dans un moment.", kEnglishOurs,
     "Try again in a moment."},
    {Code::io, 500, kFrenchOurs, "Réessayez dans un moment.", kEnglishOurs,
     "Try again in a moment."},
    {Code::corrupt, 500, kFrenchOurs, "Réessayez dans un moment.", kEnglishOurs,
     "Try again in a moment."},
    {Code::bad_request, 400, "Demande incorrecte",
     "Votre navigateur a envoyé une demande que nous "
     "ne comprenons pas.",
     "Wrong request", "Your browser sent a request that we do not understand."},
};

// What has no row of its own is a bad request.
const Row& row_of(Code code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows[std::size(kRows) - 1];
}

std::string style_hash() {
  std::string hex = secrets::sha256_hex(pages::style);
  auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string raw;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    raw.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return text::base64_encode(raw);
}

std::string policy(const Page& page) {
  static const std::string kStyle = style_hash();
  std::string out = "default-src 'none'; style-src 'sha256-" + kStyle + "'; form-action 'self'";
  if (!page.form_scheme.empty()) {
    out += ' ';
    out += page.form_scheme;
  }
  if (page.pictures) out += "; img-src data:";
  out += "; base-uri 'none'; frame-ancestors 'none'";
  return out;
}

}  // namespace

html::Values words(Language language, std::string_view space_name) {
  html::Values values;
  values.flag("fr", language == Language::french);
  values.flag("en", language == Language::english);
  values.text("space", space_name);
  return values;
}

http::Response page(Language language, const Page& page, const html::Html& content) {
  auto values = words(language, page.space_name);
  values.text("title", page.title)
      .flag("wide", page.wide)
      .html("style", html::fill(pages::style, {}))
      .html("content", content);
  http::Response response;
  response.status = page.status;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.headers.set("Content-Language", language == Language::french ? "fr" : "en");
  response.headers.set("Vary", "Accept-Language");
  response.headers.set("Content-Security-Policy", policy(page));
  response.headers.set("X-Content-Type-Options", "nosniff");
  // Not "no-referrer": with it browsers hide the Origin of our own forms as well.
  response.headers.set("Referrer-Policy", "same-origin");
  response.headers.set("Cache-Control", "no-store");
  response.body = html::fill(pages::frame, values).text();
  return response;
}

http::Response notice(Language language, const Page& wanted, std::string_view sentence) {
  auto values = words(language, wanted.space_name);
  values.text("title", wanted.title).text("sentence", sentence);
  return page(language, wanted, html::fill(pages::notice, values));
}

http::Response error_page(Language language, const Error& error, std::string_view space_name) {
  const Row& row = row_of(error.code);
  bool french = language == Language::french;
  auto response = notice(language,
                         {.status = row.status,
                          .title = std::string(french ? row.french_title : row.english_title),
                          .space_name = std::string(space_name)},
                         french ? row.french : row.english);
  if (row.status == 503) {
    response.headers.set("Retry-After", error.code == Code::closed ? "120" : "10");
  }
  if (row.status == 429) response.headers.set("Retry-After", "60");
  return response;
}

http::Response see_other(std::string_view location) {
  http::Response response;
  response.status = 303;
  response.headers.set("Location", location);
  response.headers.set("Cache-Control", "no-store");
  response.body = std::string();
  return response;
}

http::Response to_login(std::string_view path, std::string_view user) {
  std::string location = "/login?redirect_url=" + uri::form_encode(path);
  if (!user.empty()) location += "&user=" + uri::form_encode(user);
  return see_other(location);
}

}  // namespace essaim::call
