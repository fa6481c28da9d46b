// A set of IP addresses and networks: the trusted proxies.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"

namespace essaim::http_server {

class Networks {
 public:
  // Reads "127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", and "unix" for the peers of Unix sockets.
  // Errors: bad_request.
  static Result<Networks> parse(std::span<const std::string> texts);

  // `address` is an IP address or "unix"; anything else is not in the set.
  bool contains(std::string_view address) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> bytes{};  // IPv4 as ::ffff:a.b.c.d
    int prefix_bits = 0;
  };
  std::vector<Network> networks_;
  bool unix_ = false;
};

// An IP address in its shortest usual form, without brackets and port; IPv4 in IPv6 becomes IPv4.
// None when it is not an address.
std::optional<std::string> normal_address(std::string_view text);

}  // namespace essaim::http_server
