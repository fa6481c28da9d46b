// CRC-32 as ZIP, gzip and PNG use it (ISO 3309). No protection against intent: SHA-256 is for that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace essaim::zip {

// The checksum of what `before` was the checksum of, with `bytes` behind it; of nothing it is 0.
std::uint32_t crc32(std::uint32_t before, std::span<const std::byte> bytes);

}  // namespace essaim::zip
