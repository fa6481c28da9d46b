// Random tokens, keyed hashes, human passwords (libsodium).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace essaim::secrets {

// Call once at start, before any thread.
void initialize();

// `length` characters of A-Za-z0-9, uniformly random.
std::string random_alnum(std::size_t length);
// `length` characters of a-z0-9.
std::string random_base36(std::size_t length);
// `length` lower-case hex digits.
std::string random_hex(std::size_t length);
// The 32-byte key of a fleet; made by `essaim init`, kept in <data>/secret.key (mode 0600).
using Key = std::array<unsigned char, 32>;
Key random_key();

// Keyed BLAKE2b-256 as 32 raw bytes. Cost: under a microsecond.
std::string keyed_hash(const Key& key, std::string_view text);

// argon2id, t=2, m=19 MiB, encoded with its salt and parameters. Cost: 40 ms of CPU, 19 MiB: only
// on the hash pool.
std::string hash_password(std::string_view password);
bool verify_password(std::string_view encoded, std::string_view password);
// Takes as long as a real verification; for names that do not exist.
void verify_nothing(std::string_view password);

// A password for people to type: five groups of five letters and digits that cannot be mistaken for
// one another (143 bits), joined by hyphens.
std::string random_typable();

// A message for whoever knows `secret`, left by someone who does not: the key pair is derived from
// the secret, the sender needs its public half only (X25519, XSalsa20-Poly1305). `secret` must be
// random: 128 characters of random_alnum, not a password.
std::string sealing_key(std::string_view secret);  // 32 raw bytes
std::string seal(std::string_view sealing_key, std::string_view text);
// None when it was sealed for another secret, or changed.
std::optional<std::string> unseal(std::string_view secret, std::string_view sealed);

// Compares in constant time.
bool equal(std::string_view a, std::string_view b);

}  // namespace essaim::secrets
