#include "formats/zip/crc32.h"

#include <libdeflate.h>

namespace essaim::zip {

std::uint32_t crc32(std::uint32_t before, std::span<const std::byte> bytes) {
  return libdeflate_crc32(before, bytes.data(), bytes.size());
}

}  // namespace essaim::zip
