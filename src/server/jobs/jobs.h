// What is done without anyone asking: one thread that goes round the spaces, a few at a time, in
// turns of their lanes like everybody else.
//
//   migrate       after an upgrade: opens every space once, which brings its schema up to date
//   expire        removes deleted spaces after 30 days, directories kept aside after 7
//   housekeeping  once a day and space: closes guests' accounts whose end is over, drops uploads
//                 nobody goes on with, empties bins of what is old, takes back grants whose time is
//                 over, lets go of what members left who are gone, warns of a space that fills up,
//                 thins versions, makes room in a space that is nearly full, purges what left the
//                 bins, forgets locks whose time is over, sweeps contents nobody refers to, removes
//                 leftovers of crashes, sessions and log-in flows that are over, trims the journal,
//                 the activity and the audit, removes previews whose content is gone
//
// What cannot wait a day is an appointment of the lane: grants whose time is over are taken back
// before the next turn of their space, so that clients see by its etags that something went.
//
// How far each has come is in fleet.db, so that a restart goes on where it was.
#pragma once

#include <memory>

#include "base/core/types.h"
#include "base/secrets/secrets.h"
#include "base/time/clock.h"
#include "features/fleet/fleet.h"
#include "features/fleet/registry.h"
#include "server/previewer/cache.h"
#include "space/blobs/blobs.h"
#include "space/lane/lanes.h"

namespace essaim::jobs {

struct Limits {
  int group = 4;            // spaces visited before the mark is written and others may go on
  Duration pause{500};      // between two groups
  Duration settle{60'000};  // after start, before the first look
  Duration idle{60'000};    // between two looks when nothing is due
  Duration expire_every{3'600'000};
  int expire_max = 20;  // spaces, and directories aside, removed in one look
  Duration housekeeping_every{86'400'000};
  int rows_per_turn = 500;      // removed in one write turn
  int files_per_turn = 100;     // whose versions are looked at in one turn
  int turns_per_visit = 2'000;  // of one kind of work in one visit to a space
  int shards_per_visit = 16;    // of 256 folders of contents looked at for leftovers
  Duration bin_age{std::chrono::hours(24 * 30)};
  Duration blob_horizon{std::chrono::hours(24 * 30)};
  Duration journal_age{std::chrono::hours(24 * 90)};
};

struct Parts {
  fleet::Fleet& fleet;
  fleet::Registry& registry;
  blobs::Store& blobs;
  const Clock& clock;
  previewer::Cache* previews = nullptr;  // none: none are swept
  const secrets::Key* key = nullptr;     // none: nothing is done that the audit tells of
};

inline constexpr int kEndsPerTurn = 20;  // grants taken back while a turn waits
lane::Appointment appointment();

class Jobs {
 public:
  // Nothing runs before start().
  Jobs(Parts parts, Limits limits = {});
  // Ends the thread after the turn under way.
  ~Jobs();
  void start();

  // Does the next group of whatever is due, now; false when nothing is. For the thread, and for
  // tests.
  bool step();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::jobs
