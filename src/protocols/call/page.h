// A page for a person: the frame, the look and the headers around what a handler has to say.
//
// Pages need no script and load nothing: the style stands in the page and is named by its hash in
// the Content-Security-Policy, so that nothing else is ever run or fetched; so do pictures (data:).
// Texts come in the two languages side by side, {{#fr}}…{{/fr}}{{#en}}…{{/en}}.
#pragma once

#include <string>
#include <string_view>

#include "formats/html/html.h"
#include "formats/http/message.h"
#include "protocols/call/call.h"

namespace essaim::call {

// The flags `fr` and `en`, one of them set, and `space`.
html::Values words(Language language, std::string_view space_name);

struct Page {
  int status = 200;
  std::string title;
  std::string space_name;  // empty: of no space
  bool wide = false;       // a list, not a form
  // Where a form may lead besides this site: "nc:". Browsers apply it to redirects as well.
  std::string_view form_scheme = {};
  bool pictures = false;  // some stand in the page
};
http::Response page(Language language, const Page& page, const html::Html& content);

// A page of one title and one sentence, with a way back to the start.
http::Response notice(Language language, const Page& page, std::string_view sentence);

// What a person is told about an error: status, title and sentence by its code.
http::Response error_page(Language language, const Error& error, std::string_view space_name);

// 303: a browser asks for `location` with GET.
http::Response see_other(std::string_view location);

// To the log-in page and from there to `path`, with a user name to begin with.
http::Response to_login(std::string_view path, std::string_view user = {});

}  // namespace essaim::call
