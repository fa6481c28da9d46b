// Which contents have a preview, in which sizes, and which ones were tried in vain.
//
// A preview belongs to a content (its hash), not to a file: copies, versions and things in the bin
// share it. SVG is never drawn: it is a program as much as a picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/core/types.h"
#include "base/time/clock.h"
#include "space/store/tx.h"

namespace essaim::previews {

// How a content is looked at.
enum class Kind : std::uint8_t { none = 0, image = 1, pdf = 2, text = 3 };

// What this machine can do: documents need a sandbox that some kernels do not have.
enum class Offer : std::uint8_t { nothing, images, everything };

inline constexpr ByteCount kImageBytesMax = 128 * kMiB;
inline constexpr ByteCount kPdfBytesMax = 64 * kMiB;
inline constexpr ByteCount kTextBytesMax = 16 * kMiB;  // only its first lines are read

// By what a file is said to be: "image/jpeg". None when there can be no preview, also because the
// content is empty or too large, or because it is not offered.
Kind kind_of(Offer offer, std::string_view content_type, ByteCount size);

// --- sizes

enum class Mode : std::uint8_t {
  fill,   // as large as fits into the box
  cover,  // as small as covers the box, nothing cut
  crop,   // the middle, in the shape of the box
};

// Sides of the boxes that previews are made for, pixels. What a client asks for is rounded up to
// one of these, so that few are made and many are served.
inline constexpr int kSides[] = {64, 256, 1024, 4096};
// A crop keeps the shape that was asked for to an eighth of its longer side.
inline constexpr int kShapeSteps = 8;

struct Shape {
  Mode mode = Mode::fill;
  int width = 0;  // of the box
  int height = 0;
  auto operator<=>(const Shape&) const = default;
};

// The box that answers a wish of `x` by `y` pixels, both positive. A crop is the only one whose
// sides may differ.
Shape shape_of(Mode mode, std::int64_t x, std::int64_t y);

// "image-fill-256x256": the name of one preview of a content.
std::string name_of(Kind kind, const Shape& shape);

// --- failures

inline constexpr std::int64_t kFailuresMax = 10'000;  // remembered of one space

// The contents of a space that are not to be tried now.
class Failures {
 public:
  bool contains(std::string_view hash, Kind kind) const;

 private:
  friend Failures failures(store::ReadTx& tx);
  std::unordered_set<std::string> known_;
};

// All of them, for a listing. Cost: 1 statement.
Failures failures(store::ReadTx& tx);
// Cost: 1 statement.
bool failed(store::ReadTx& tx, std::string_view hash, Kind kind);
// Remembers one for `kept`; beyond kFailuresMax those that end first are forgotten.
void note_failure(store::WriteTx& tx, std::string_view hash, Kind kind, Duration kept);
// Removes up to `count` that have ended. Returns how many.
int forget_failures(store::WriteTx& tx, int count);

}  // namespace essaim::previews
