#include "platform/http_server/internal/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace essaim::http_server {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr std::string_view kUnix = "unix";
constexpr int kMappedBits = 96;  // of ::ffff:0:0/96, which holds IPv4
constexpr Bytes kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool is_mapped(const Bytes& bytes) {
  return std::equal(kMapped.begin(), kMapped.begin() + kMappedBits / 8, bytes.begin());
}

std::optional<Bytes> address_bytes(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  Bytes bytes = kMapped;
  if (inet_pton(AF_INET, terminated.data(), bytes.data() + kMappedBits / 8) == 1) return bytes;
  if (inet_pton(AF_INET6, terminated.data(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool same_prefix(const Bytes& a, const Bytes& b, int bits) {
  auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  int rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

Result<Networks> Networks::parse(std::span<const std::string> texts) {
  Networks result;
  for (std::string_view text : texts) {
    if (text == kUnix) {
      result.unix_ = true;
      continue;
    }
    auto slash = text.find('/');
    std::string_view address = text.substr(0, slash);
    auto bytes = address_bytes(address);
    if (!bytes) return fail(Code::bad_request, "trusted proxy: " + std::string(text));
    bool four = address.find(':') == std::string_view::npos;
    int most = four ? 32 : 128;
    int bits = most;
    if (slash != std::string_view::npos) {
      std::string_view digits = text.substr(slash + 1);
      auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
      if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 || bits > most) {
        return fail(Code::bad_request, "trusted proxy: " + std::string(text));
      }
    }
    result.networks_.push_back({*bytes, four ? bits + kMappedBits : bits});
  }
  return result;
}

bool Networks::contains(std::string_view address) const {
  if (address == kUnix) return unix_;
  if (networks_.empty()) return false;
  auto bytes = address_bytes(address);
  return bytes && std::ranges::any_of(networks_, [&](const Network& network) {
           return same_prefix(*bytes, network.bytes, network.prefix_bits);
         });
}

std::optional<std::string> normal_address(std::string_view text) {
  // "[::1]:8080" and "10.0.0.1:8080", as some proxies write.
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  auto bytes = address_bytes(text);
  if (!bytes) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> written{};
  if (is_mapped(*bytes)) {
    inet_ntop(AF_INET, bytes->data() + kMappedBits / 8, written.data(), written.size());
  } else {
    inet_ntop(AF_INET6, bytes->data(), written.data(), written.size());
  }
  return written.data();
}

}  // namespace essaim::http_server
