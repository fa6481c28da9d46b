// What eats the quota: by place, what people see, what bins and versions keep, and the biggest
// files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "features/files/node.h"
#include "features/files/places.h"

namespace essaim::files {

// The word on the wire and in the operator's tables: "home".
std::string_view name(PlaceKind kind);

struct PlaceUsage {
  PlaceInfo place;
  std::string name;        // as people read it (place_name)
  ByteCount contents = 0;  // of files that are in their folders
  ByteCount versions = 0;  // of those files
  ByteCount bin = 0;       // with the versions of what is in there
  std::int64_t files = 0;

  ByteCount bytes() const { return contents + versions + bin; }
};

struct BigFile {
  NodeId id;
  NodeId place;
  Path path;  // from the root of the place
  ByteCount contents = 0;
  ByteCount versions = 0;
};

struct Usage {
  ByteCount quota = 0;  // of the space
  ByteCount used = 0;
  std::vector<PlaceUsage> places;  // the largest first
};

inline constexpr int kBigFilesMax = 20;

// Cost: 4 small reads for each place.
Usage usage(store::ReadTx& tx);
// The biggest files of some places, versions counted; at most kBigFilesMax. Cost: reads the size of
// every file of the space.
std::vector<BigFile> biggest(store::ReadTx& tx, const std::vector<NodeId>& places);

// How full the space is, as steps that people are warned of: 0, 80, 90 or 95.
int fullness(store::ReadTx& tx);
// Notifies those who look after the space when it has come to a higher step than they were told of.
// Returns how many were told. Cost: 4 small reads when nothing has changed.
int warn_of_fullness(store::WriteTx& tx);

}  // namespace essaim::files
