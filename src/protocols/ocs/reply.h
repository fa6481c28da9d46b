// The OCS envelope: one value, printed as JSON or walked as XML, in version 1 or 2.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "formats/http/message.h"
#include "protocols/call/call.h"

namespace essaim::ocs {

enum class Version : std::uint8_t { v1, v2 };
// From the path: /ocs/v1.php or /ocs/v2.php.
Version version_of(const http::RequestHead& head);

// 200 with the data. Objects of it are written as maps, arrays as lists of <element>.
http::Response ok(const call::Call& call, boost::json::value data);
// A refusal in the envelope; the HTTP status follows the version's rules.
http::Response refuse(const http::RequestHead& head, call::Language language, const Error& error);
// The same with words of its own, which clients show as they are.
http::Response refuse(const http::RequestHead& head, const Error& error, std::string_view message);
// A refusal with a code of one endpoint: 101 and its like are 400 in version 2, and 998 is 404. The
// sentence is shown to the person as it is.
struct Refusal {
  int code;
  std::string_view french;
  std::string_view english;
};
http::Response refuse(const call::Call& call, const Refusal& refusal);
// 401 with the challenge.
http::Response unauthorized(const http::RequestHead& head, std::string_view realm,
                            call::Language language);
// The same for a password that is right and does not open here: an app token is needed.
http::Response password_forbidden(const http::RequestHead& head, std::string_view realm,
                                  call::Language language);

}  // namespace essaim::ocs
