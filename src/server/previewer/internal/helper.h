// What essaim-thumb is told and what it answers (helpers/essaim-thumb/picture.h).
#pragma once

#include <string_view>

#include "platform/child/child.h"

namespace essaim::previewer::internal {

inline constexpr std::string_view kProgram = "essaim-thumb";

// Its exit codes.
inline constexpr int kDone = 0;
inline constexpr int kTooLarge = 11;
inline constexpr int kNoSandbox = 12;

// True when it has answered with a picture: a JPEG or a PNG, by its first bytes.
bool has_drawn(const Result<child::Outcome>& outcome);
// For the log: "made", "refused", "killed".
std::string_view fate_word(const Result<child::Outcome>& outcome);
// The exit code or the signal; 0 when it was not started.
int detail_of(const Result<child::Outcome>& outcome);

}  // namespace essaim::previewer::internal
