#include "base/secrets/encryption.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "base/core/check.h"

namespace essaim::secrets {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// A key of its own: the fleet's is used for hashes as well.
std::string own_key(const Key& key) {
  return keyed_hash(key, "encrypt");
}

}  // namespace

std::string encrypt(const Key& key, std::string_view purpose, std::string_view text) {
  std::string own = own_key(key);
  std::string nonce = random_bytes(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  std::string sealed(text.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed), nullptr, bytes_of(text),
                                                   text.size(), bytes_of(purpose), purpose.size(),
                                                   nullptr, bytes_of(nonce), bytes_of(own)) == 0);
  return nonce + sealed;
}

std::optional<std::string> decrypt(const Key& key, std::string_view purpose,
                                   std::string_view encrypted) {
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (encrypted.size() < kNonce + kTag) return std::nullopt;
  std::string own = own_key(key);
  std::string out(encrypted.size() - kNonce - kTag, '\0');
  std::string_view sealed = encrypted.substr(kNonce);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(out), nullptr, nullptr, bytes_of(sealed),
                                                 sealed.size(), bytes_of(purpose), purpose.size(),
                                                 bytes_of(encrypted), bytes_of(own)) != 0) {
    return std::nullopt;
  }
  return out;
}

std::string hmac_sha1(std::string_view key, std::string_view text) {
  std::string out(20, '\0');
  unsigned int size = 0;
  CHECK(HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
             bytes_of(out), &size) != nullptr);
  CHECK(size == out.size());
  return out;
}

std::string random_easy(std::size_t length) {
  constexpr std::string_view kAlphabet = "abcdefghjkmnpqrstwxyz23456789";
  std::string out(length, '\0');
  for (char& c : out) c = kAlphabet[randombytes_uniform(kAlphabet.size())];
  return out;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

}  // namespace essaim::secrets
