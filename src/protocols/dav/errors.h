// Error codes to WebDAV answers: the one table, with the exception names that Nextcloud's clients
// know.
#pragma once

#include "base/core/error.h"
#include "formats/http/message.h"
#include "protocols/call/call.h"

namespace essaim::dav {

// A 4xx or 5xx with the body of RFC 4918 §8.7 as Nextcloud's clients read it. The detail of
// invalid_name is a reason for people; no other detail leaves the server.
// `condition`: the precondition that failed, as XML (RFC 4918 §16).
http::Response error_response(const Error& error, call::Language language,
                              std::string_view condition = {});
inline http::Response error_response(Code code, call::Language language) {
  return error_response(Error{code, {}}, language);
}

// What was answered, or the error as above.
template <class Answered>
Answered or_refusal(const call::Call& call, Result<Answered> answer) {
  if (!answer) return error_response(answer.error(), call.language);
  return std::move(*answer);
}

// 401 with the challenge; `DummyBasic` for pages that ask by script, so that no browser dialog
// opens.
http::Response unauthorized(const http::RequestHead& head, std::string_view realm,
                            call::Language language);
// The same for a password that is right and does not open here, because its owner has a second
// factor: an app token is needed. CLIENT: the hint and the exception's name are Nextcloud's.
http::Response password_forbidden(const http::RequestHead& head, std::string_view realm,
                                  call::Language language);
// 405 with the methods that are allowed.
http::Response method_not_allowed(std::string_view allow, call::Language language);
// A 207 propstat status line: "HTTP/1.1 403 Forbidden".
std::string_view status_line(int status);

}  // namespace essaim::dav
