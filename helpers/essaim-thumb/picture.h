// One preview: bytes of a file in, JPEG or PNG out. Runs inside the sandbox.
#pragma once

#include <cstdint>
#include <string>

namespace essaim::thumb {

// What a caller learns from the exit code.
enum class Exit : int {
  done = 0,
  usage = 2,        // the arguments
  unreadable = 10,  // no format of ours, damaged, encrypted, cut
  too_large = 11,   // bytes, pixels
  no_sandbox = 12,  // the machine cannot shut a helper in: nothing was read
};

enum class Kind : std::uint8_t { image, pdf, text };
enum class Mode : std::uint8_t {
  fill,   // as large as fits into the box
  cover,  // as small as covers the box, nothing cut; the longer side at most kSideMax
  crop,   // the middle, in the shape of the box
  exact,  // the middle, as large as the box: what is smaller grows
};
enum class Format : std::uint8_t {
  smallest,  // a JPEG, or a PNG where something is transparent
  png,
};

struct Order {
  Kind kind = Kind::image;
  Mode mode = Mode::fill;
  int width = 0;  // of the box, pixels
  int height = 0;
  Format format = Format::smallest;
};

inline constexpr std::int64_t kPixelsMax = 50'000'000;  // of a source image, from its header
inline constexpr int kSideMax = 4096;                   // of a preview, pixels
inline constexpr int kJpegQuality = 80;
inline constexpr int kPngEffort = 6;  // zlib level

// Takes away every loader that `kind` does not need. Before the first byte is read.
void narrow(Kind kind);

// Reads descriptor 0, gives the encoded preview. Never larger than the source, unless exact; turned
// as EXIF says; in sRGB; without metadata.
Exit make(const Order& order, std::string& out);

}  // namespace essaim::thumb
