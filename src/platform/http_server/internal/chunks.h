// The chunked coding (RFC 9112 §7.1), decoded as it comes. Written here because Beast's decoder
// has assertions that a client can reach: with a body of no chunks that arrives in two parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/core/types.h"

namespace essaim::http_server {

// Bytes beyond which what stands around the data counts as malformed.
inline constexpr std::size_t kChunkExtensionMax = 1024;  // of one chunk
inline constexpr std::size_t kTrailersMax = 8 * 1024;    // in all; trailers are dropped

class ChunkDecoder {
 public:
  struct Step {
    std::size_t used = 0;     // bytes of `in` that are done with
    std::size_t written = 0;  // bytes of the body put in `out`
    bool complete = false;    // the last chunk and its trailers were read
    bool malformed = false;
  };
  // Uses all of `in`, unless `out` is full or the body ends or makes no sense before. After that,
  // not to be called again.
  Step decode(std::string_view in, std::span<std::byte> out);

 private:
  enum class State : std::uint8_t {
    size_begin,     // the first digit of a size
    size,           // more digits
    extension,      // what follows the size, to the end of its line
    size_end,       // the LF of that line
    data,           // `left_` bytes
    data_cr,        // the CR after them
    data_end,       // the LF after them
    trailer_begin,  // the first byte of a trailer, or the CR of the empty line
    trailer,        // the rest of it
    trailer_end,    // its LF
    last,           // the LF of the empty line
    complete,
    malformed,
  };
  // The state after one byte that is not data.
  State after(char c);
  State after_size(char c);

  State state_ = State::size_begin;
  ByteCount left_ = 0;      // of the chunk
  std::size_t around_ = 0;  // digits, or bytes of extension or trailers, so far
};

}  // namespace essaim::http_server
