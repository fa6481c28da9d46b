#include "protocols/login/internal/agents.h"

#include "base/text/text.h"

namespace essaim::login::internal {

namespace {

constexpr std::size_t kShownMax = 60;  // bytes of a name that nobody knows

struct Known {
  std::string_view mark;
  std::string_view name;
};

// In this order: Edge says that it is Chrome, Chrome that it is Safari.
constexpr Known kPrograms[] = {
    {"mirall", "Nextcloud"},
    {"nextcloud-android", "Nextcloud"},
    {"nextcloud-ios", "Nextcloud"},
    {"davx5", "DAVx⁵"},
    {"rclone", "rclone"},
    {"edg/", "Edge"},
    {"opr/", "Opera"},
    {"firefox", "Firefox"},
    {"fxios", "Firefox"},
    {"chromium", "Chromium"},
    {"crios", "Chrome"},
    {"chrome", "Chrome"},
    {"safari", "Safari"},
};
constexpr Known kSystems[] = {
    {"android", "Android"}, {"iphone", "iOS"},   {"ipad", "iOS"},    {"ios", "iOS"},
    {"macintosh", "macOS"}, {"mac os", "macOS"}, {"macos", "macOS"}, {"windows", "Windows"},
    {"freebsd", "FreeBSD"}, {"linux", "Linux"},
};

template <std::size_t N>
std::string_view first_of(const Known (&list)[N], const std::string& text) {
  for (const Known& known : list) {
    if (text.find(known.mark) != std::string::npos) return known.name;
  }
  return {};
}

std::string_view cut(std::string_view text) {
  if (text.size() <= kShownMax) return text;
  std::size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

std::string agent_of(const http::RequestHead& head) {
  std::string out(head.headers.get("User-Agent").value_or(""));
  bool utf8 = text::valid_utf8(out);
  for (char& c : out) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (!utf8 && byte >= 0x80)) c = '?';
  }
  return out;
}

std::string agent_name(std::string_view agent, call::Language language) {
  if (text::trim(agent).empty()) {
    return language == call::Language::french ? "Application sans nom" : "Unnamed application";
  }
  std::string lower = text::lower_ascii(agent);
  auto program = first_of(kPrograms, lower);
  if (program.empty()) return std::string(cut(agent));
  std::string out(program);
  if (auto system = first_of(kSystems, lower); !system.empty()) {
    out += " (";
    out += system;
    out += ')';
  }
  return out;
}

}  // namespace essaim::login::internal
