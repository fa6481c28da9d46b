// Digests of bytes as they pass: for blobs, for checksums that clients announce, for tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace essaim::secrets {

enum class DigestType : std::uint8_t { sha256, sha1, md5, adler32 };

// Feed it, then take the result once. Movable.
class Digest {
 public:
  explicit Digest(DigestType type);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  ~Digest();
  void update(std::span<const std::byte> bytes);
  // Lower-case hex. Call once, last.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

}  // namespace essaim::secrets
