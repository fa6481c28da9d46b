// Finds previews in the cache, or has them made by essaim-thumb, a few at a time for the whole
// machine, with threads of its own: no lane and no loop waits for a picture.
//
//  - A preview that many ask for at once is made once.
//  - What cannot be made is remembered with its content, in the space's database, so that nobody
//    tries again for a while; the answer leaves after that is on disk.
//  - Nobody waits longer than Limits::answer_within.
#pragma once

#include <memory>
#include <string>

#include "base/core/error.h"
#include "base/core/types.h"
#include "features/previews/previews.h"
#include "platform/child/child.h"
#include "server/previewer/cache.h"
#include "space/blobs/blobs.h"
#include "space/lane/lanes.h"

namespace essaim::previewer {

struct Limits {
  int slots = 2;                   // helpers at once; 0: no previews
  int readers = 2;                 // threads that look into the cache
  int reads_max = 512;             // requests in the cache's threads; beyond: busy
  std::size_t waiting_max = 64;    // previews that wait for a helper; beyond: busy
  std::size_t sharing_max = 256;   // requests that wait for one preview; beyond: busy
  Duration answer_within{30'000};  // then busy: the preview may be there next time
  Duration refused_kept{std::chrono::hours(24 * 30)};  // no format of ours, damaged, too large
  Duration died_kept{std::chrono::hours(24)};          // a crash, or a limit of the helper
  child::Limits helper;
};

struct Wanted {
  SpaceId space;
  std::string hash;
  previews::Kind kind = previews::Kind::none;
  previews::Shape shape;
  blobs::Content content;
};

// Errors: not_found (there is none, and will be none for a while), busy (ask again).
using Made = Result<std::string>;

class Previewer {
 public:
  // `program`: the path of essaim-thumb. Nothing runs before start().
  Previewer(lane::Lanes& lanes, Cache& cache, std::string program, Limits limits = {});
  // Calls stop().
  ~Previewer();
  // Tries the helper once, in the background, and says in the log what it can do.
  void start();
  // Ends the helpers under way; whoever waits is told busy. Then get() answers busy.
  void stop();

  // What this machine can do, as far as is known. Any thread, at no cost.
  previews::Offer offer() const;
  // Any thread; returns at once. `done` is called once, from a thread of its own or this one.
  void get(Wanted wanted, Done<Made> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Where essaim-thumb is: `configured` unless empty, else beside the program that runs, or in
// ../libexec/essaim. Empty when there is none.
std::string find_helper(const std::string& configured);

}  // namespace essaim::previewer
