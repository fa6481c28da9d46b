// The small text rules that all header fields share (RFC 9110 §5.6).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace essaim::http {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Optional white space of headers: spaces and tabs.
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t';
}

constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Equal but for the case of ASCII letters.
constexpr bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// The characters of a method or a header name (RFC 9110 §5.6.2).
constexpr bool is_token_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

constexpr bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    if (!is_token_char(c)) return false;
  }
  return true;
}

// The elements of a comma-separated list, trimmed; empty ones are skipped (RFC 9110 §5.6.1). A
// comma between double quotes does not separate.
class ListReader {
 public:
  constexpr explicit ListReader(std::string_view list) : rest_(list) {}

  constexpr std::optional<std::string_view> next() {
    while (!rest_.empty()) {
      bool quoted = false;
      std::size_t end = 0;
      for (; end < rest_.size() && (quoted || rest_[end] != ','); ++end) {
        if (rest_[end] == '"') quoted = !quoted;
      }
      std::string_view element = trim(rest_.substr(0, end));
      rest_.remove_prefix(end < rest_.size() ? end + 1 : end);
      if (!element.empty()) return element;
    }
    return std::nullopt;
  }

 private:
  std::string_view rest_;
};

}  // namespace essaim::http
