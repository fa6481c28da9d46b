#include "server/main/printing.h"

#include <algorithm>
#include <cstdio>

namespace essaim::main {

namespace json = boost::json;

namespace {

// Characters, not bytes: names have accents.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string text_of(const json::value& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return std::string(value.get_string());
  if (!value.is_array()) return json::serialize(value);
  std::string joined;
  for (const auto& item : value.get_array()) {
    if (!joined.empty()) joined += ", ";
    joined += text_of(item);
  }
  return joined;
}

}  // namespace

void print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

void print_json(const json::value& value) {
  print_line(json::serialize(value));
}

std::string field(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
  return value == nullptr ? std::string() : text_of(*value);
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    print_line(line);
  }
}

void print_fields(const json::object& object) {
  for (const auto& [name, value] : object) {
    print_line(std::string(name) + ": " + text_of(value));
  }
}

}  // namespace essaim::main
