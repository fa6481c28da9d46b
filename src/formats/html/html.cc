#include "formats/html/html.h"

#include "base/core/check.h"

namespace essaim::html {

namespace {

// One hole of a page.
struct Hole {
  char kind = 0;  // '#', '^', '/', '!' or 0 for a value
  std::string_view name;
  std::size_t begin = 0;
  std::size_t end = 0;  // behind the braces
};

bool next_hole(std::string_view page, std::size_t from, Hole& hole) {
  auto begin = page.find("{{", from);
  if (begin == std::string_view::npos) return false;
  auto end = page.find("}}", begin);
  CHECK(end != std::string_view::npos);
  std::string_view inside = page.substr(begin + 2, end - begin - 2);
  CHECK(!inside.empty());
  hole = {0, inside, begin, end + 2};
  if (std::string_view("#^/!").find(inside.front()) != std::string_view::npos) {
    hole.kind = inside.front();
    hole.name = inside.substr(1);
  }
  return true;
}

// The hole that ends the section opened by `open`.
Hole end_of(std::string_view page, const Hole& open) {
  int depth = 0;
  std::size_t from = open.end;
  Hole hole;
  while (true) {
    CHECK(next_hole(page, from, hole));
    from = hole.end;
    if (hole.kind == '#' || hole.kind == '^') {
      ++depth;
    } else if (hole.kind == '/' && depth-- == 0) {
      CHECK(hole.name == open.name);
      return hole;
    }
  }
}

class Filler {
 public:
  explicit Filler(std::string& out) : out_(out) {}

  // `scope`: the innermost values last.
  void fill(std::string_view page, std::vector<const Values*>& scope) {
    CHECK(scope.size() <= static_cast<std::size_t>(kListsMax));
    std::size_t at = 0;
    Hole hole;
    while (next_hole(page, at, hole)) {
      out_ += page.substr(at, hole.begin - at);
      at = hole.end;
      if (hole.kind == '!') continue;
      CHECK(hole.kind != '/');
      const auto& value = look_up(scope, hole.name);
      if (hole.kind == 0) {
        put(value);
        continue;
      }
      Hole end = end_of(page, hole);
      section(page.substr(hole.end, end.begin - hole.end), hole.kind, value, scope);
      at = end.end;
    }
    out_ += page.substr(at);
  }

 private:
  static const Values::Value& look_up(const std::vector<const Values*>& scope,
                                      std::string_view name) {
    const Values::Value* found = nullptr;
    for (auto at = scope.rbegin(); at != scope.rend() && found == nullptr; ++at) {
      found = (*at)->find(name);
    }
    CHECK(found != nullptr);
    return *found;
  }

  void put(const Values::Value& value) {
    if (const auto* made = std::get_if<Html>(&value)) {
      out_ += made->text();
      return;
    }
    const auto* text = std::get_if<std::string>(&value);
    CHECK(text != nullptr);
    append_escaped(out_, *text);
  }

  void section(std::string_view inside, char kind, const Values::Value& value,
               std::vector<const Values*>& scope) {
    const auto* items = std::get_if<std::vector<Values>>(&value);
    if (kind == '#' && items != nullptr) {
      for (const Values& item : *items) {
        scope.push_back(&item);
        fill(inside, scope);
        scope.pop_back();
      }
      return;
    }
    if (truth(value) == (kind == '#')) fill(inside, scope);
  }

  static bool truth(const Values::Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* text = std::get_if<std::string>(&value)) return !text->empty();
    if (const auto* made = std::get_if<Html>(&value)) return !made->text().empty();
    return !std::get<std::vector<Values>>(value).empty();
  }

  std::string& out_;
};

}  // namespace

const Values::Value* Values::find(std::string_view name) const {
  auto at = values_.find(name);
  return at == values_.end() ? nullptr : &at->second;
}

Values& Values::set(std::string_view name, Value value) {
  values_.insert_or_assign(std::string(name), std::move(value));
  return *this;
}

Html fill(std::string_view page, const Values& values) {
  std::string out;
  out.reserve(page.size() * 2);
  std::vector<const Values*> scope{&values};
  Filler(out).fill(page, scope);
  return Html(std::move(out));
}

void append_escaped(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        // HTML has no use for the other control characters.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out.push_back(c);
    }
  }
}

}  // namespace essaim::html
