#include "features/fleet/names.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

#include "base/secrets/secrets.h"
#include "base/text/text.h"

namespace essaim::fleet {

namespace {

constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kLabelMax = 63;  // RFC 1035 §2.3.4

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool label_characters(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [](char c) { return letter_or_digit(c) || c == '-'; });
}

std::optional<std::string> ipv4(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  std::array<char, INET_ADDRSTRLEN> out{};
  inet_ntop(AF_INET, &address, out.data(), out.size());
  return std::string(out.data());
}

std::optional<std::string> ipv6(const std::string& text) {
  in6_addr address{};
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(AF_INET6, &address, out.data(), out.size());
  return std::string(out.data());
}

std::optional<std::string> dns_name(std::string name) {
  if (name.ends_with('.')) name.pop_back();
  if (name.empty() || name.size() > kHostMax) return std::nullopt;
  std::string_view rest = name;
  std::string_view label;
  while (true) {
    std::size_t dot = rest.find('.');
    label = rest.substr(0, dot);
    if (label.size() > kLabelMax || !label_characters(label)) return std::nullopt;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  // Browsers read a name that ends in a number as an IPv4 address ("127.1", "a.0x1").
  if (label.starts_with("0x")) return std::nullopt;
  if (std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  return name;
}

}  // namespace

Result<void> check_slug(std::string_view slug) {
  if (slug.empty() || slug.size() > kSlugMax || !label_characters(slug)) {
    return fail(Code::bad_request,
                "a slug is 1 to 40 of a-z, 0-9 and '-', without '-' at its ends");
  }
  return {};
}

Result<void> check_display_name(std::string_view name) {
  bool control = std::ranges::any_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (name.empty() || name.size() > kDisplayNameMax || control || !text::valid_utf8(name)) {
    return fail(Code::bad_request,
                "a name is 1 to 200 bytes of UTF-8 text without control characters");
  }
  return {};
}

std::optional<std::string> canonical_host(std::string_view host) {
  if (host.size() > kHostMax + 1 || host.find('\0') != std::string_view::npos) return std::nullopt;
  std::string lower = text::lower_ascii(host);
  if (lower.size() > 2 && lower.front() == '[' && lower.back() == ']') {
    return ipv6(lower.substr(1, lower.size() - 2));
  }
  if (lower.find(':') != std::string::npos) return ipv6(lower);
  if (auto address = ipv4(lower)) return address;
  return dns_name(std::move(lower));
}

Result<std::string> check_host(std::string_view host) {
  if (auto canonical = canonical_host(host)) return std::move(*canonical);
  return fail(Code::bad_request, "'" + std::string(host.substr(0, kHostMax)) +
                                     "' is not a host: give a DNS name (xn-- form for accents) or "
                                     "an IP address, without a port");
}

std::optional<std::string> canonical_domain(std::string_view domain) {
  if (domain.find_first_of(":[]") != std::string_view::npos) return std::nullopt;
  auto host = canonical_host(domain);
  if (host && ipv4(*host)) return std::nullopt;
  return host;
}

SpaceId new_space_id() {
  // A character of 5 bits from each byte of 8: no bias.
  std::string hex = secrets::random_hex(2 * kSpaceIdLength);
  SpaceId id;
  for (std::size_t i = 0; i < kSpaceIdLength; ++i) {
    auto byte = std::stoul(hex.substr(2 * i, 2), nullptr, 16);
    id.value.push_back(kBase32[byte % kBase32.size()]);
  }
  return id;
}

bool valid_space_id(std::string_view id) {
  return id.size() == kSpaceIdLength &&
         std::ranges::all_of(id, [](char c) { return kBase32.find(c) != std::string_view::npos; });
}

}  // namespace essaim::fleet
