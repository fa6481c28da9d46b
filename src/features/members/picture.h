// A person's own picture, as it is served: a square in three sizes, drawn from what they chose.
//
// It lives in the space's database, so it goes where the space goes, and leaves with the person.
// It counts in no quota. Who may see it is decided where people are shown: whoever may see the
// person.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/types.h"
#include "space/store/tx.h"

namespace essaim::members {

enum class PictureSize : std::uint8_t { small, medium, large };
// The side of the square, in pixels.
inline constexpr int kPictureSmall = 64;
inline constexpr int kPictureMedium = 128;
inline constexpr int kPictureLarge = 512;

inline constexpr ByteCount kPictureChosenMax = 20 * kMiB;  // of the file that a person chooses
// Of what is kept: what the pixels take when nothing can be saved, and as much again.
inline constexpr ByteCount kPictureSmallMax = 32 * kKiB;
inline constexpr ByteCount kPictureMediumMax = 128 * kKiB;
inline constexpr ByteCount kPictureLargeMax = 2 * kMiB;

struct Picture {
  std::string small;   // PNG
  std::string medium;  // PNG
  std::string large;   // JPEG, or PNG where something is transparent
};

// Instead of the one they had, if any. Errors: too_large; bad_request: no PNG, or none of the two.
Result<void> set_picture(store::WriteTx& tx, MemberId member, const Picture& picture);
// False when there was none.
bool remove_picture(store::WriteTx& tx, MemberId member);

// 32 hex digits that change with the picture; none: they have none. Cost: one indexed read.
std::optional<std::string> picture_hash(store::ReadTx& tx, MemberId member);
// None: they have none. Cost: one indexed read, and the bytes.
std::optional<std::string> picture_of(store::ReadTx& tx, MemberId member, PictureSize size);

}  // namespace essaim::members
