#include "protocols/ocs/internal/params.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text/text.h"
#include "formats/uri/uri.h"

namespace essaim::ocs::internal {

namespace json = boost::json;

namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  auto out = text::percent_decode(spaced);
  if (!out || !text::valid_utf8(*out) || out->find('\0') != std::string::npos) return std::nullopt;
  return out;
}

// "groups[]" and "groups[0]" are "groups".
std::string bare(std::string name) {
  auto bracket = name.find('[');
  if (bracket != std::string::npos && bracket > 0 && name.ends_with(']')) name.resize(bracket);
  return name;
}

std::optional<std::string> scalar(const json::value& value) {
  if (value.is_null()) return "";
  if (const auto* truth = value.if_bool()) return *truth ? "true" : "false";
  if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
  if (value.is_object() || value.is_array()) return std::nullopt;
  return json::serialize(value);
}

}  // namespace

Result<void> Params::add_form(std::string_view form) {
  while (!form.empty()) {
    auto end = std::min(form.find('&'), form.size());
    auto pair = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    if (pair.empty()) continue;
    auto equals = std::min(pair.find('='), pair.size());
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return fail(Code::bad_request, "a broken form");
    if (values_.size() >= kParamsMax) return fail(Code::bad_request, "too many values");
    values_.emplace_back(bare(std::move(*name)), std::move(*value));
  }
  return {};
}

Result<void> Params::add_json(std::string_view body) {
  json::error_code wrong;
  json::value whole = json::parse(body, wrong, {}, {.max_depth = 3});
  // CLIENT: desktop 3 sends an empty list where it has nothing to say.
  if (!wrong && whole.is_array() && whole.get_array().empty()) return {};
  if (wrong || !whole.is_object()) return fail(Code::bad_request, "the body is no JSON object");
  for (const auto& field : whole.get_object()) {
    json::array one{field.value()};
    const json::array& items = field.value().is_array() ? field.value().get_array() : one;
    for (const auto& item : items) {
      auto text = scalar(item);
      if (!text || text->find('\0') != std::string::npos || values_.size() >= kParamsMax) {
        return fail(Code::bad_request, "the body is no plain JSON object");
      }
      values_.emplace_back(bare(std::string(field.key())), std::move(*text));
    }
  }
  return {};
}

Result<Params> Params::parse(std::string_view query, std::string_view content_type,
                             std::string_view body) {
  Params out;
  TRY_VOID(out.add_form(query));
  body = text::trim(body);
  auto type = text::lower_ascii(content_type);
  if (body.empty()) return out;
  // CLIENT: curl and scripts send JSON and call it a form.
  if (type.find("json") != std::string::npos || body.starts_with('{')) {
    TRY_VOID(out.add_json(body));
  } else {
    TRY_VOID(out.add_form(body));
  }
  return out;
}

std::optional<std::string> Params::text(std::string_view name) const {
  for (auto value = values_.rbegin(); value != values_.rend(); ++value) {
    if (value->first == name) return value->second;
  }
  return std::nullopt;
}

std::string Params::text_or(std::string_view name, std::string_view otherwise) const {
  return text(name).value_or(std::string(otherwise));
}

std::vector<std::string> Params::list(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : values_) {
    if (key == name) out.push_back(value);
  }
  return out;
}

Result<std::optional<std::int64_t>> Params::number(std::string_view name) const {
  auto written = text(name);
  if (!written || written->empty() || *written == "null") return std::nullopt;
  auto value = text::to_int64(*written);
  if (!value) return fail(Code::bad_request, "no number");
  return value;
}

Result<std::vector<std::string>> segments_of(const call::Call& call) {
  auto whole = TRY(uri::split_path(call.head.path));
  if (whole.names.size() < 3) return fail(Code::not_found, "no such address");
  whole.names.erase(whole.names.begin(), whole.names.begin() + 2);
  return std::move(whole.names);
}

Result<Page> page_of(const Params& params, std::size_t limit_max) {
  Page page{.limit = limit_max};
  auto limit = TRY(params.number("limit"));
  auto offset = TRY(params.number("offset"));
  if (limit.value_or(0) < 0 || offset.value_or(0) < 0) {
    return fail(Code::bad_request, "a page is not negative");
  }
  if (limit) page.limit = std::min(limit_max, static_cast<std::size_t>(*limit));
  page.offset = static_cast<std::size_t>(offset.value_or(0));
  return page;
}

}  // namespace essaim::ocs::internal
