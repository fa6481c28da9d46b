// Answers as a person reads them.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace essaim::main {

void print_line(std::string_view line);
void print_json(const boost::json::value& value);
// The field as text; empty when it is missing.
std::string field(const boost::json::object& object, std::string_view name);
// Columns as wide as their longest cell, two spaces between; the first row is the heading.
void print_table(const std::vector<std::vector<std::string>>& rows);
// "name: value" for each field, in the order they came.
void print_fields(const boost::json::object& object);

}  // namespace essaim::main
