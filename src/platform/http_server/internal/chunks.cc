#include "platform/http_server/internal/chunks.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace essaim::http_server {
namespace {

// Sizes that would not fit are malformed, and so are more digits than any size needs.
constexpr ByteCount kSizeMost = std::numeric_limits<ByteCount>::max() / 16;
constexpr std::size_t kDigitsMax = 16;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t';
}

}  // namespace

ChunkDecoder::State ChunkDecoder::after_size(char c) {
  if (int digit = hex_digit(c); digit >= 0) {
    if (left_ > kSizeMost / 16 || ++around_ > kDigitsMax) return State::malformed;
    left_ = left_ * 16 + digit;
    return State::size;
  }
  around_ = 0;
  if (c == '\r') return State::size_end;
  return c == ';' || c == ' ' || c == '\t' ? State::extension : State::malformed;
}

ChunkDecoder::State ChunkDecoder::after(char c) {
  switch (state_) {
    case State::size_begin:
      left_ = 0;
      around_ = 0;
      return hex_digit(c) >= 0 ? after_size(c) : State::malformed;
    case State::size:
      return after_size(c);
    case State::extension:
      if (c == '\r') return State::size_end;
      return is_control(c) || ++around_ > kChunkExtensionMax ? State::malformed : State::extension;
    case State::size_end:
      around_ = 0;
      if (c != '\n') return State::malformed;
      return left_ > 0 ? State::data : State::trailer_begin;
    case State::data_cr:
      return c == '\r' ? State::data_end : State::malformed;
    case State::data_end:
      return c == '\n' ? State::size_begin : State::malformed;
    case State::trailer_begin:
      if (c == '\r') return State::last;
      [[fallthrough]];
    case State::trailer:
      if (c == '\r') return State::trailer_end;
      return is_control(c) || ++around_ > kTrailersMax ? State::malformed : State::trailer;
    case State::trailer_end:
      return c == '\n' ? State::trailer_begin : State::malformed;
    case State::last:
      return c == '\n' ? State::complete : State::malformed;
    default:
      return State::malformed;
  }
}

ChunkDecoder::Step ChunkDecoder::decode(std::string_view in, std::span<std::byte> out) {
  Step step;
  while (step.used < in.size()) {
    if (state_ == State::complete || state_ == State::malformed) break;
    if (state_ != State::data) {
      state_ = after(in[step.used++]);
      continue;
    }
    std::size_t count = std::min(in.size() - step.used, out.size() - step.written);
    count = static_cast<std::size_t>(std::min(static_cast<ByteCount>(count), left_));
    if (count == 0) break;  // `out` is full
    std::memcpy(out.data() + step.written, in.data() + step.used, count);
    step.used += count;
    step.written += count;
    left_ -= static_cast<ByteCount>(count);
    if (left_ == 0) state_ = State::data_cr;
  }
  step.complete = state_ == State::complete;
  step.malformed = state_ == State::malformed;
  return step;
}

}  // namespace essaim::http_server
