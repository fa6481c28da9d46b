// A folder with everything below it, as a list: what is to be packed for a download.
#pragma once

#include <string>
#include <vector>

#include "base/core/error.h"
#include "features/files/node.h"

namespace essaim::files {

inline constexpr std::size_t kPackedMax = 100'000;  // files and folders in one download

struct Packed {
  std::string path;  // "Docs/Réunions/plan.pdf"; folders end in '/'
  ByteCount size = 0;
  std::int64_t mtime = 0;  // seconds since 1970
  std::string blob;        // files only
};

// What is below `folder`, each folder before what it holds, names in the order of their bytes; only
// the children in `names` when there are any. The folder's own name stands before every path,
// unless names were given or it has none (the root). Cost: one read per folder. Errors: not_found
// (a name), too_large (kPackedMax).
Result<std::vector<Packed>> pack(store::ReadTx& tx, const access::Caller& caller,
                                 const Node& folder, const std::vector<std::string>& names);

}  // namespace essaim::files
