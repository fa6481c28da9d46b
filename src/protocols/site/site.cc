#include "protocols/site/site.h"

#include "protocols/call/page.h"
#include "protocols/site/internal/pages.h"

namespace essaim::site {

http::Response home(const call::Call& call) {
  auto values = call::words(call.language, call.space.display_name);
  values.text("address", call::base_url(call));
  bool french = call.language == call::Language::french;
  return call::page(
      call.language,
      {.title = french ? "Bienvenue" : "Welcome", .space_name = call.space.display_name},
      html::fill(pages::home, values));
}

http::Response unknown_host(call::Language language) {
  bool french = language == call::Language::french;
  return call::notice(language,
                      {.status = 400, .title = french ? "Espace inconnu" : "Unknown space"},
                      french ? "Aucun espace n’a cette adresse ici. Vérifiez son orthographe."
                             : "No space has this address here. Please check its spelling.");
}

}  // namespace essaim::site
