// Draws people's own pictures from the files they choose, with essaim-thumb: turned upright, cut
// square from the middle, without metadata.
//
// One at a time for the whole machine, spaces in turn, beside the previews: whoever has just chosen
// a picture waits for it, and a folder of photographs that somebody looks at is not in the way.
#pragma once

#include <memory>
#include <string>

#include "base/core/error.h"
#include "base/core/fd.h"
#include "base/core/types.h"
#include "features/members/picture.h"
#include "platform/child/child.h"

namespace essaim::previewer {

struct PortraitLimits {
  std::size_t waiting_of_space_max = 16;  // pictures of one space that wait; beyond: busy
  std::size_t waiting_max = 64;           // of all
  child::Limits helper;
};

class Portraits {
 public:
  // `program`: the path of essaim-thumb; empty: there is none, and draw() answers unsupported.
  explicit Portraits(std::string program, PortraitLimits limits = {});
  // Calls stop().
  ~Portraits();
  // Ends the helper under way; whoever waits is told busy. Then draw() answers busy.
  void stop();

  // Any thread; returns at once. `file` is read from where its offset stands, which is its
  // beginning. Errors: bad_request (no picture of a kind that is drawn, or a broken one),
  // too_large (more pixels than are drawn), unsupported (not on this machine), busy (ask again).
  // `done` is called once, from a thread of its own or this one. Cost: the helper, three times.
  void draw(const SpaceId& space, UniqueFd file, Done<Result<members::Picture>> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::previewer
