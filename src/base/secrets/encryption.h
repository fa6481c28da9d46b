// What is kept encrypted, and what one-time and recovery codes are made of.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/secrets/secrets.h"

namespace essaim::secrets {

// Keeps a text for whoever has the key (XChaCha20-Poly1305). It opens with the same `purpose` only,
// so that what was kept for one use or one person cannot be put in the place of another.
std::string encrypt(const Key& key, std::string_view purpose, std::string_view text);
// None when the key or the purpose is another, or it was changed.
std::optional<std::string> decrypt(const Key& key, std::string_view purpose,
                                   std::string_view encrypted);

// HMAC with SHA-1 (RFC 2104) as 20 raw bytes: what one-time codes are made of.
std::string hmac_sha1(std::string_view key, std::string_view text);

// `length` letters and digits that cannot be mistaken for one another, without capitals: 4.8 bits
// each.
std::string random_easy(std::size_t length);
std::string random_bytes(std::size_t count);

}  // namespace essaim::secrets
