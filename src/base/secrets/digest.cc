#include "base/secrets/digest.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>

#include "base/core/check.h"

namespace essaim::secrets {

namespace {

const EVP_MD* algorithm(DigestType type) {
  switch (type) {
    case DigestType::sha256:
      return EVP_sha256();
    case DigestType::sha1:
      return EVP_sha1();
    case DigestType::md5:
      return EVP_md5();
    case DigestType::adler32:
      return nullptr;
  }
  return nullptr;
}

std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (unsigned char byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

}  // namespace

struct Digest::State {
  ~State() { EVP_MD_CTX_free(context); }
  EVP_MD_CTX* context = nullptr;
  uLong adler = adler32(0, nullptr, 0);
};

Digest::Digest(DigestType type) : state_(std::make_unique<State>()) {
  if (const EVP_MD* md = algorithm(type)) {
    state_->context = EVP_MD_CTX_new();
    CHECK(state_->context != nullptr);
    CHECK(EVP_DigestInit_ex(state_->context, md, nullptr) == 1);
  }
}

Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::update(std::span<const std::byte> bytes) {
  if (state_->context != nullptr) {
    CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
  } else {
    state_->adler =
        adler32_z(state_->adler, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  }
}

std::string Digest::hex() {
  if (state_->context == nullptr) {
    auto sum = static_cast<std::uint32_t>(state_->adler);
    std::array<unsigned char, 4> bytes{
        static_cast<unsigned char>(sum >> 24), static_cast<unsigned char>(sum >> 16),
        static_cast<unsigned char>(sum >> 8), static_cast<unsigned char>(sum)};
    return to_hex(bytes);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  CHECK(EVP_DigestFinal_ex(state_->context, bytes.data(), &size) == 1);
  return to_hex(std::span(bytes).first(size));
}

std::string sha256_hex(std::string_view bytes) {
  Digest digest(DigestType::sha256);
  digest.update(std::as_bytes(std::span(bytes)));
  return digest.hex();
}

}  // namespace essaim::secrets
