// What may be on a disk that lost its power: rebuilt from a trace, event by event. For tests.
//
// The model is what POSIX promises, no more. A write is there for certain once its file was fsynced
// after it, a name once its folder was; until then each of them may be there or not, whatever
// happened to the others, and a write may be there in part, cut where two sectors of 512 bytes
// meet. A rename within one folder happens or does not. A write whose fsync failed stays uncertain
// for ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/disk/faults.h"

namespace essaim::disk {

// The bytes of a file and a hash of them, shared between the images that have the same.
struct Content {
  std::vector<std::byte> bytes;
  std::uint64_t hash = 0;
};

// A disk as it may be found afterwards: paths below the root, which is not part of them.
using Image = std::map<std::string, std::shared_ptr<const Content>>;  // null: a folder

class PowerCut {
 public:
  // `root`: the folder everything in the trace lies in; it was empty and durable when the trace
  // began. The trace outlives this.
  PowerCut(const Trace& trace, std::string root);
  ~PowerCut();

  // One more event happens. False when there is none left.
  bool advance();
  // The event that happened last.
  const Event& last() const;
  // How many operations are uncertain now.
  std::size_t pending() const;
  // True when the last event changed what may be on the disk.
  bool changed() const;

  // What became of an uncertain operation.
  struct Fate {
    enum class Kind : std::uint8_t { kept, lost, front, back } kind = Kind::kept;
    ByteCount cut = 0;  // of a write that is torn: how many bytes its front has
  };
  // One fate for each pending operation, in order.
  Image image(std::span<const Fate> fates) const;

  // Every image that is worth a look if the power went now: nothing more than is certain;
  // everything; each single uncertain operation missing; each write torn, somewhere; `subsets`
  // random subsets (or all of them when there are fewer), chosen by `seed`.
  using Visitor = std::function<void(std::string_view what, const Image& image)>;
  void visit(std::uint64_t seed, int subsets, const Visitor& visitor) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace essaim::disk
