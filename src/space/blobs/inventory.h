// Which blobs of a space are files: for a copy of the whole space.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/types.h"
#include "space/store/tx.h"

namespace essaim::blobs {

struct StoredFile {
  std::string sha256;
  ByteCount size = 0;
};

// The next files that something refers to, in the order of their hashes; at most `count`.
std::vector<StoredFile> stored_files(store::ReadTx& tx, std::string_view after, int count);

// Those of `hashes` that nothing refers to, in their order. Cost: one statement each.
std::vector<std::string> unreferenced(store::ReadTx& tx, const std::vector<std::string>& hashes);

struct StoredTotal {
  std::int64_t files = 0;
  ByteCount bytes = 0;
};
// Cost: reads every row.
StoredTotal stored_total(store::ReadTx& tx);

}  // namespace essaim::blobs
