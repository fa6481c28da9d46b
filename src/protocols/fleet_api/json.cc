#include "protocols/fleet_api/internal/json.h"

namespace essaim::fleet_api::internal {

namespace json = boost::json;

namespace {

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

std::string text_of(const json::value& value) {
  const auto& text = value.get_string();
  return {text.data(), text.size()};
}

}  // namespace

http::Response reply(int status, const json::value& value) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.body = json::serialize(value) + "\n";
  return response;
}

Result<Fields> Fields::parse(std::string_view body) {
  Fields fields;
  if (body.empty()) return fields;
  json::parse_options options;
  options.max_depth = 4;
  json::error_code error;
  json::value value = json::parse(view(body), error, {}, options);
  if (error || !value.is_object()) return fail(Code::bad_request, "the body is not a JSON object");
  fields.object_ = std::move(value.get_object());
  return fields;
}

const json::value* Fields::take(std::string_view name) {
  const auto* value = object_.if_contains(view(name));
  if (value == nullptr) return nullptr;
  ++taken_;
  return value->is_null() ? nullptr : value;
}

void Fields::wrong(std::string_view name, std::string_view what) {
  if (wrong_.empty()) wrong_ = std::string(name) + " " + std::string(what);
}

std::string Fields::text(std::string_view name) {
  auto value = optional_text(name);
  if (!value) wrong(name, "is missing");
  return value.value_or("");
}

std::optional<std::string> Fields::optional_text(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return text_of(*value);
  wrong(name, "is not a text");
  return std::nullopt;
}

std::optional<std::int64_t> Fields::optional_number(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  wrong(name, "is not a whole number");
  return std::nullopt;
}

bool Fields::flag(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  wrong(name, "is neither true nor false");
  return false;
}

std::vector<std::string> Fields::texts(std::string_view name) {
  std::vector<std::string> texts;
  const auto* value = take(name);
  if (value == nullptr) return texts;
  if (!value->is_array()) {
    wrong(name, "is not a list");
    return texts;
  }
  for (const auto& each : value->get_array()) {
    if (each.is_string()) {
      texts.push_back(text_of(each));
    } else {
      wrong(name, "holds something that is not a text");
    }
  }
  return texts;
}

Result<void> Fields::done() const {
  if (!wrong_.empty()) return fail(Code::bad_request, wrong_);
  if (taken_ < object_.size()) return fail(Code::bad_request, "a field that is not known here");
  return {};
}

}  // namespace essaim::fleet_api::internal
