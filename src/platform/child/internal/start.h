// The start of a helper: a process that shares our memory until exec.
#pragma once

#include <sys/types.h>

#include "base/core/error.h"
#include "base/core/fd.h"
#include "platform/child/child.h"

namespace essaim::child::internal {

struct Started {
  pid_t pid = 0;
  UniqueFd handle;  // a pidfd: readable once it has ended
  UniqueFd answer;  // what it writes to descriptor 1
  bool isolated = false;
};

// Errors: not_found, io, too_many.
Result<Started> start(const Command& command, const UniqueFd& input, const Limits& limits);

}  // namespace essaim::child::internal
