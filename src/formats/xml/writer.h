// Appends XML to a string: names come from the code, values from outside are escaped. Characters
// that XML 1.0 forbids are dropped, since one of them makes some parsers reject a whole listing.
#pragma once

#include <string>
#include <string_view>

namespace essaim::xml {

// Escapes & < > " and drops what XML 1.0 §2.2 forbids.
void append_escaped(std::string& out, std::string_view text);

inline constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  // <name>, where `name` may carry attributes written by the code.
  void open(std::string_view name) {
    out_ += '<';
    out_ += name;
    out_ += '>';
  }
  void close(std::string_view name) {
    out_ += "</";
    out_ += name;
    out_ += '>';
  }
  void empty(std::string_view name) {
    out_ += '<';
    out_ += name;
    out_ += "/>";
  }
  void text(std::string_view value) { append_escaped(out_, value); }
  void raw(std::string_view xml) { out_ += xml; }
  void element(std::string_view name, std::string_view value) {
    open(name);
    text(value);
    close(name);
  }

 private:
  std::string& out_;
};

}  // namespace essaim::xml
