#include "protocols/site/site.h"

#include "formats/xml/writer.h"

namespace essaim::site {

namespace {

constexpr std::string_view kStyle =
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:2rem 1rem;"
    "color:#1d1d1f;background:#fffdf7}h1{font-size:1.75rem;line-height:1.2}"
    "code{background:#f3ecd8;padding:.1em .35em;border-radius:.25em;overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{color:#f2efe6;background:#1b1a17}"
    "code{background:#33302a}}";

// `content` is HTML made here; `title` is text.
http::Response page(int status, call::Language language, std::string_view title,
                    std::string_view content) {
  std::string body = "<!doctype html><html lang=\"";
  body += language == call::Language::french ? "fr" : "en";
  body +=
      "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>";
  xml::append_escaped(body, title);
  body += "</title><style>";
  body += kStyle;
  body += "</style></head><body><main><h1>";
  xml::append_escaped(body, title);
  body += "</h1>";
  body += content;
  body += "</main></body></html>";
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.headers.set("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
                       "base-uri 'none'; form-action 'none'");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

std::string code(std::string_view text) {
  std::string out = "<code>";
  xml::append_escaped(out, text);
  out += "</code>";
  return out;
}

}  // namespace

http::Response home(const call::Call& call) {
  std::string address = code(call::base_url(call));
  std::string content;
  if (call.language == call::Language::french) {
    content =
        "<p>C’est l’espace de votre association. Pour retrouver vos fichiers sur votre "
        "ordinateur, ouvrez l’application Nextcloud et donnez-lui cette adresse :</p><p>" +
        address +
        "</p><p>Pour un autre logiciel (rclone, davfs2, le gestionnaire de fichiers), "
        "l’adresse WebDAV est :</p><p>" +
        code(call::base_url(call) + "/remote.php/webdav/") + "</p>";
  } else {
    content =
        "<p>This is the space of your association. To have your files on your computer, open "
        "the Nextcloud application and give it this address:</p><p>" +
        address +
        "</p><p>For other programs (rclone, davfs2, your file manager) the WebDAV address "
        "is:</p><p>" +
        code(call::base_url(call) + "/remote.php/webdav/") + "</p>";
  }
  return page(200, call.language, call.space.display_name, content);
}

http::Response not_found(call::Language language) {
  return language == call::Language::french
             ? page(404, language, "Page introuvable",
                    "<p>Cette adresse ne mène nulle part.</p><p><a href=\"/\">Retour à "
                    "l’accueil</a></p>")
             : page(404, language, "Page not found",
                    "<p>This address leads nowhere.</p><p><a href=\"/\">Back to the start</a></p>");
}

http::Response unknown_host(call::Language language) {
  return language == call::Language::french
             ? page(400, language, "Espace inconnu",
                    "<p>Aucun espace n’a cette adresse ici. Vérifiez son orthographe.</p>")
             : page(400, language, "Unknown space",
                    "<p>No space has this address here. Please check its spelling.</p>");
}

http::Response closed(call::Language language) {
  auto response =
      language == call::Language::french
          ? page(503, language, "Espace fermé pour le moment",
                 "<p>Vos fichiers sont gardés. Pour en savoir plus, écrivez à la personne qui "
                 "héberge cet espace.</p>")
          : page(503, language, "Space closed for now",
                 "<p>Your files are kept. To learn more, write to whoever hosts this space.</p>");
  response.headers.set("Retry-After", "120");
  return response;
}

}  // namespace essaim::site
