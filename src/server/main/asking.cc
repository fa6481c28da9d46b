#include "server/main/internal/asking.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text/text.h"

namespace essaim::main::internal {

namespace {

constexpr std::size_t kPasswordBytesMax = 4'096;

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text::percent_encode_path(text)) {
    switch (c) {
      case '/':
        out += "%2F";
        break;
      case '&':
        out += "%26";
        break;
      case '+':
        out += "%2B";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string space_path(std::string_view slug, std::string_view rest) {
  std::string path = "/fleet/v1/spaces/" + escaped(slug.empty() ? "-" : slug);
  return path.append(rest);
}

std::string member_path(std::string_view slug, std::string_view uid, std::string_view rest) {
  return space_path(slug, "/members/" + escaped(uid.empty() ? "-" : uid) + std::string(rest));
}

Result<std::string> read_all(int fd, std::size_t max) {
  std::string text;
  char piece[16 * 1024];
  while (true) {
    ssize_t got = ::read(fd, piece, sizeof piece);
    if (got < 0) return fail(Code::io, std::strerror(errno));
    if (got == 0) return text;
    text.append(piece, static_cast<std::size_t>(got));
    if (text.size() > max) return fail(Code::too_large, "the input is too long");
  }
}

Result<std::string> read_password() {
  auto password = TRY(read_all(STDIN_FILENO, kPasswordBytesMax));
  if (password.ends_with('\n')) password.pop_back();
  if (password.ends_with('\r')) password.pop_back();
  return password;
}

}  // namespace essaim::main::internal
