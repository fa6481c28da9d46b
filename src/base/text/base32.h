// Base 32.
#pragma once

#include <string>
#include <string_view>

namespace essaim::text {

// RFC 4648 §6 without padding: A-Z and 2-7, as authenticators take a secret.
std::string base32_encode(std::string_view bytes);

}  // namespace essaim::text
