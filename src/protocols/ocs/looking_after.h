// For the people who look after the space: what is held of those who are gone, and what to look
// through once a year.
#pragma once

#include <chrono>

#include "base/time/clock.h"
#include "protocols/call/call.h"

namespace essaim::ocs {

// Seen less recently than this, an account is in the review.
inline constexpr Duration kNotSeenFor = std::chrono::hours(24 * 365);

// GET /ocs/v{1,2}.php/apps/essaim/api/v1/held: of whom, since when, until when, how much; never
// names of files. 403 for whoever has neither the role gestion nor referent.
http::Response held(store::ReadTx& tx, const call::Call& call);
// POST .../held/{id} heir: it all goes into a folder of the heir's home. 403 for whoever is not of
// gestion. Codes: 101 no heir named, 104 this heir cannot, 998 nothing held there or no such heir.
call::Answer give_held(store::WriteTx& tx, const call::Call& call);

// GET .../review: how many accounts can decide about the space, and those of them without second
// factor; open accounts that were not seen for kNotSeenFor; guests, and until when; how many shares
// have a maker who is gone. Computed from the rows. 403 as for `held`. Cost: a read for each
// account of gestion, and two more.
http::Response review(store::ReadTx& tx, const call::Call& call);

}  // namespace essaim::ocs
