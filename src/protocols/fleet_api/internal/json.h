// JSON in and out.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "formats/http/message.h"

namespace essaim::fleet_api::internal {

http::Response reply(int status, const boost::json::value& value);

// The fields of a JSON object, read one after the other; a field that nobody read is an error,
// since it would be a wish that is silently not granted.
class Fields {
 public:
  // An empty body is an empty object. Error: bad_request.
  static Result<Fields> parse(std::string_view body);

  // Each notes the first thing that is wrong; done() tells it.
  std::string text(std::string_view name);  // must be there
  std::optional<std::string> optional_text(std::string_view name);
  std::optional<std::int64_t> optional_number(std::string_view name);
  bool flag(std::string_view name);  // false when it is missing
  std::vector<std::string> texts(std::string_view name);
  Result<void> done() const;

 private:
  const boost::json::value* take(std::string_view name);
  void wrong(std::string_view name, std::string_view what);

  boost::json::object object_;
  std::size_t taken_ = 0;
  std::string wrong_;
};

}  // namespace essaim::fleet_api::internal
