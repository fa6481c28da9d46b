// However a chunked body is cut, and however little room there is for it, it is read the same way;
// nothing is written outside the room.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "platform/http_server/internal/chunks.h"

namespace {

using essaim::http_server::ChunkDecoder;

struct Read {
  std::string body;
  bool complete = false;
  bool malformed = false;
  bool operator==(const Read&) const = default;
};

// Shows `piece` bytes at a time, and gives room for `room`.
Read read(std::string_view bytes, std::size_t piece, std::size_t room) {
  Read result;
  ChunkDecoder decoder;
  std::array<std::byte, 4'096> out{};
  while (!bytes.empty()) {
    auto shown = bytes.substr(0, std::min(piece, bytes.size()));
    auto step = decoder.decode(shown, std::span(out).first(room));
    if (step.used > shown.size() || step.written > room) std::abort();
    result.body.append(reinterpret_cast<const char*>(out.data()), step.written);
    bytes.remove_prefix(step.used);
    result.complete = step.complete;
    result.malformed = step.malformed;
    if (step.complete || step.malformed) break;
    if (step.used == 0 && step.written == 0) std::abort();  // it would wait for ever
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  auto whole = read(bytes, bytes.size(), 4'096);
  if (whole.body.size() > bytes.size() || (whole.complete && whole.malformed)) std::abort();
  if (read(bytes, 1 + data[0] % 64, 1 + data[1] % 64) != whole) std::abort();
  return 0;
}
