#include "base/secrets/secrets.h"

#include <sodium.h>

#include <string>

#include "base/core/check.h"

namespace essaim::secrets {

namespace {

// OWASP's second argon2id profile: 19 MiB and two passes.
constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemory = std::size_t{19} * 1024 * 1024;

std::string random_from(std::string_view alphabet, std::size_t length) {
  std::string out(length, '\0');
  for (char& c : out)
    c = alphabet[randombytes_uniform(static_cast<std::uint32_t>(alphabet.size()))];
  return out;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

struct Pair {
  std::string open;
  std::string hidden;
};

// The hash keeps this use of the secret apart from every other one.
Pair pair_of(std::string_view secret) {
  std::array<unsigned char, crypto_box_SEEDBYTES> seed{};
  std::string text = "seal:";
  text += secret;
  CHECK(crypto_generichash(seed.data(), seed.size(), bytes_of(std::string_view(text)), text.size(),
                           nullptr, 0) == 0);
  Pair out{std::string(crypto_box_PUBLICKEYBYTES, '\0'),
           std::string(crypto_box_SECRETKEYBYTES, '\0')};
  CHECK(crypto_box_seed_keypair(bytes_of(out.open), bytes_of(out.hidden), seed.data()) == 0);
  return out;
}

}  // namespace

void initialize() {
  CHECK(sodium_init() >= 0);
}

std::string random_alnum(std::size_t length) {
  return random_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length);
}

std::string random_base36(std::size_t length) {
  return random_from("abcdefghijklmnopqrstuvwxyz0123456789", length);
}

std::string random_hex(std::size_t length) {
  return random_from("0123456789abcdef", length);
}

Key random_key() {
  Key key;
  randombytes_buf(key.data(), key.size());
  return key;
}

std::string keyed_hash(const Key& key, std::string_view text) {
  std::string out(32, '\0');
  CHECK(crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                           key.data(), key.size()) == 0);
  return out;
}

std::string hash_password(std::string_view password) {
  std::string out(crypto_pwhash_STRBYTES, '\0');
  CHECK(crypto_pwhash_str_alg(out.data(), password.data(), password.size(), kPasses, kMemory,
                              crypto_pwhash_ALG_ARGON2ID13) == 0);
  out.resize(out.find('\0'));
  return out;
}

bool verify_password(std::string_view encoded, std::string_view password) {
  if (encoded.size() >= crypto_pwhash_STRBYTES) return false;
  std::string terminated(encoded);
  return crypto_pwhash_str_verify(terminated.c_str(), password.data(), password.size()) == 0;
}

void verify_nothing(std::string_view password) {
  std::array<unsigned char, 32> out{};
  std::array<unsigned char, crypto_pwhash_SALTBYTES> salt{};
  CHECK(crypto_pwhash(out.data(), out.size(), password.data(), password.size(), salt.data(),
                      kPasses, kMemory, crypto_pwhash_ALG_ARGON2ID13) == 0);
}

std::string random_typable() {
  std::string out;
  for (int group = 0; group < 5; ++group) {
    if (group > 0) out.push_back('-');
    out += random_from("abcdefghijkmnopqrstwxyzABCDEFGHJKLMNPQRSTWXYZ23456789", 5);
  }
  return out;
}

std::string sealing_key(std::string_view secret) {
  return pair_of(secret).open;
}

std::string seal(std::string_view sealing_key, std::string_view text) {
  CHECK(sealing_key.size() == crypto_box_PUBLICKEYBYTES);
  std::string out(text.size() + crypto_box_SEALBYTES, '\0');
  CHECK(crypto_box_seal(bytes_of(out), bytes_of(text), text.size(), bytes_of(sealing_key)) == 0);
  return out;
}

std::optional<std::string> unseal(std::string_view secret, std::string_view sealed) {
  if (sealed.size() < crypto_box_SEALBYTES) return std::nullopt;
  Pair pair = pair_of(secret);
  std::string out(sealed.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(bytes_of(out), bytes_of(sealed), sealed.size(), bytes_of(pair.open),
                           bytes_of(pair.hidden)) != 0) {
    return std::nullopt;
  }
  return out;
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace essaim::secrets
