#include "formats/http/authorization.h"

#include <algorithm>

#include "base/text/text.h"
#include "formats/http/text.h"

namespace essaim::http {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace

Result<BasicCredentials> parse_basic(std::string_view header) {
  constexpr std::string_view kScheme = "Basic";
  header = trim(header);
  if (header.size() > kBasicBytesMax) return fail(Code::bad_request, "Authorization: length");
  if (header.size() <= kScheme.size() || !same_word(header.substr(0, kScheme.size()), kScheme) ||
      header[kScheme.size()] != ' ') {
    return fail(Code::bad_request, "Authorization: scheme");
  }
  auto decoded = text::base64_decode(trim(header.substr(kScheme.size())));
  if (!decoded) return fail(Code::bad_request, "Authorization: base64");
  if (std::ranges::any_of(*decoded, is_control) || !text::valid_utf8(*decoded)) {
    return fail(Code::bad_request, "Authorization: characters");
  }
  auto colon = decoded->find(':');
  if (colon == std::string::npos) return fail(Code::bad_request, "Authorization: no colon");
  return BasicCredentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

}  // namespace essaim::http
