// Content-Disposition for downloads (RFC 6266).
#pragma once

#include <string>
#include <string_view>

namespace essaim::http {

// "attachment; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf; filename=\"r_sum_.pdf\"". `filename` is
// UTF-8, one path segment. The second form is for clients that do not know RFC 8187: what is not
// plain ASCII there, and quotes, backslashes and percent signs, become "_". No line break can get
// through either.
std::string content_disposition(std::string_view filename);

}  // namespace essaim::http
