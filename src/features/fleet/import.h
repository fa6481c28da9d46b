// A copy of a space coming in: the body of the operator's request, as it arrives.
//
// The tar is read by a thread of its own while it is received, into <data>/staging; every hash is
// checked on the way. commit() then checks the whole (quick_check, the tables are ours, each blob
// that is referred to is there), starts a new epoch with raised counters, and puts the space in its
// place:
//   - its id is unknown here: the space comes in with it, under its slug or the one asked for;
//   - the space of that slug has this id: a restore. What was there is kept aside for 7 days;
//   - the id is here under another slug, and a free slug was asked for: a copy, with a new id.
// Until commit() has returned nothing is changed; after any error nothing is left behind.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "features/fleet/fleet.h"
#include "formats/http/message.h"

namespace essaim::fleet {

class Import final : public http::BodySink {
 public:
  ~Import() override;
  // Never refuse: what is wrong with the tar is told by commit(), so that the client gets to read
  // it.
  Result<void> write(std::span<const std::byte> bytes) override;
  Result<void> finish() override;

  enum class Outcome : std::uint8_t { imported, restored, copied };
  struct Committed {
    SpaceRecord space;
    Outcome outcome = Outcome::imported;
  };
  // After finish(), once. Errors: bad_request, checksum_mismatch, too_large, unsupported (newer
  // release), corrupt, exists (the slug is another space's), locked, io, disk_full.
  Result<Committed> commit();

 private:
  friend class Fleet;
  struct Impl;
  explicit Import(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::fleet
