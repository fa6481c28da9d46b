// Fills a page. A page is HTML written by us with holes for values from anywhere:
//
//   {{name}}                   the text, escaped, in content and in attributes between double
//   quotes
//   {{#name}} … {{/name}}      once for each item of a list, or when a flag is set or a text not
//   empty
//   {{^name}} … {{/name}}      otherwise
//   {{! why }}                 nothing
//
// Inside a list a name is looked for in the item first, then outside. There is no way to put text
// in without escaping it: only what fill() itself made (Html) goes in as it is. A name that has no
// value, or a section that does not end, breaks a CHECK: it is a mistake in the page.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace essaim::html {

inline constexpr int kListsMax = 16;  // inside one another

// HTML made by fill(), and by nobody else.
class Html {
 public:
  const std::string& text() const { return text_; }

 private:
  friend Html fill(std::string_view page, const class Values& values);
  explicit Html(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// What stands behind the names of one page.
class Values {
 public:
  using Value = std::variant<std::string, bool, Html, std::vector<Values>>;

  Values& text(std::string_view name, std::string_view value) {
    return set(name, std::string(value));
  }
  Values& flag(std::string_view name, bool value) { return set(name, value); }
  Values& html(std::string_view name, Html value) { return set(name, std::move(value)); }
  Values& list(std::string_view name, std::vector<Values> items) {
    return set(name, std::move(items));
  }
  // Null when there is no such name.
  const Value* find(std::string_view name) const;

 private:
  Values& set(std::string_view name, Value value);
  std::map<std::string, Value, std::less<>> values_;
};

// Cost: one pass over the page.
Html fill(std::string_view page, const Values& values);

// Escapes & < > " and '.
void append_escaped(std::string& out, std::string_view text);

}  // namespace essaim::html
