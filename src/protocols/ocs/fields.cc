#include "protocols/ocs/fields.h"

#include "base/text/text.h"
#include "formats/uri/uri.h"

namespace essaim::ocs {

Result<Fields> Fields::of(const call::Call& call) {
  Fields out;
  out.query_ = call.head.query;
  auto type = text::lower_ascii(call.head.headers.get("Content-Type").value_or(""));
  if (type.find("json") == std::string::npos || text::trim(call.body).empty()) {
    out.form_ = call.body;
    return out;
  }
  boost::system::error_code error;
  boost::json::parse_options options;
  options.max_depth = 8;
  auto value = boost::json::parse(call.body, error, {}, options);
  if (error || !value.is_object()) return fail(Code::bad_request, "not a JSON object");
  out.json_ = std::move(value.get_object());
  return out;
}

std::optional<std::string> Fields::text(std::string_view name) const {
  if (const auto* value = json_.if_contains(name)) {
    if (const auto* text = value->if_string()) return std::string(*text);
    if (value->is_null()) return std::nullopt;
    return boost::json::serialize(*value);
  }
  auto value = uri::form_value(form_, name);
  return value ? value : uri::form_value(query_, name);
}

std::optional<bool> Fields::flag(std::string_view name) const {
  auto value = text(name);
  if (!value) return std::nullopt;
  if (*value == "true" || *value == "1" || *value == "yes") return true;
  if (*value == "false" || *value == "0" || *value == "no" || value->empty()) return false;
  return std::nullopt;
}

Result<std::optional<std::int64_t>> Fields::number(std::string_view name) const {
  auto value = text(name);
  if (!value || value->empty()) return std::optional<std::int64_t>();
  auto number = text::to_int64(*value);
  if (!number) return fail(Code::bad_request, std::string(name) + " is no number");
  return number;
}

}  // namespace essaim::ocs
