// What a request asks for by name: the query, a form and a JSON object, taken together. Clients
// send the same call in any of the three.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/error.h"
#include "protocols/call/call.h"

namespace essaim::ocs::internal {

inline constexpr std::size_t kParamsMax = 1'000;  // values in one request

class Params {
 public:
  // Error: bad_request: a broken escape, bytes that are no UTF-8, JSON that is none or nested, or
  // too many values. An empty body is no body.
  static Result<Params> parse(std::string_view query, std::string_view content_type,
                              std::string_view body);
  static Result<Params> of(const call::Call& call) {
    auto type = call.head.headers.get("Content-Type").value_or("");
    return parse(call.head.query, type, call.body);
  }

  // The last one of that name, the body's before the query's; "" is a value.
  std::optional<std::string> text(std::string_view name) const;
  std::string text_or(std::string_view name, std::string_view otherwise) const;
  // All of them, whether written name=, name[]= or name[3]=, or as a JSON list.
  std::vector<std::string> list(std::string_view name) const;
  // Error: bad_request, when it is there and no number. `null` and "" are not there.
  Result<std::optional<std::int64_t>> number(std::string_view name) const;

 private:
  Result<void> add_form(std::string_view form);
  Result<void> add_json(std::string_view body);

  std::vector<std::pair<std::string, std::string>> values_;  // names without what is in brackets
};

// The segments of the path behind /ocs/v2.php, decoded: "cloud", "users", "lea". Error:
// bad_request.
Result<std::vector<std::string>> segments_of(const call::Call& call);

// A page of a list: `limit` and `offset` of the request. Error: bad_request.
struct Page {
  std::size_t limit;
  std::size_t offset = 0;
};
Result<Page> page_of(const Params& params, std::size_t limit_max);
template <class Item>
std::vector<Item> cut(std::vector<Item> items, const Page& page) {
  if (page.offset >= items.size()) return {};
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(page.offset));
  if (items.size() > page.limit) items.resize(page.limit);
  return items;
}

}  // namespace essaim::ocs::internal
