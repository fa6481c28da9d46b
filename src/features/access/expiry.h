// Grants that end by themselves. files/reach.h is what takes them back.
#pragma once

#include <optional>

#include "base/time/clock.h"
#include "space/store/tx.h"

namespace essaim::access {

// When the first of all grants ends that have an end; in the past: it is over and still a row.
// Cost: one indexed read.
std::optional<Instant> first_grant_end(store::ReadTx& tx);

}  // namespace essaim::access
