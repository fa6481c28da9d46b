// What a client sends along with an OCS request: as a form, as JSON, or in the query; all three
// count.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "protocols/call/call.h"

namespace essaim::ocs {

class Fields {
 public:
  // Error: bad_request (a body that says it is JSON and is none).
  static Result<Fields> of(const call::Call& call);

  // None: it did not come. Numbers and booleans of JSON as text: "17", "true".
  std::optional<std::string> text(std::string_view name) const;
  // "true", "1" and "yes" are true. None: it did not come, or is something else.
  std::optional<bool> flag(std::string_view name) const;
  // Error: bad_request (no number).
  Result<std::optional<std::int64_t>> number(std::string_view name) const;

 private:
  std::string_view form_;
  std::string_view query_;
  boost::json::object json_;
};

}  // namespace essaim::ocs
