// A new content for a file that exists.
#pragma once

#include <optional>
#include <string>

#include "features/files/internal/tree.h"
#include "space/blobs/blobs.h"

namespace essaim::files::internal {

struct Content {
  std::string blob;  // SHA-256
  ByteCount size = 0;
  std::int64_t mtime = 0;               // seconds
  std::optional<std::int64_t> created;  // seconds; none: as it was
  std::string checksum;
  MemberId author;  // none: unknown
};

// Replaces the content of `node`, whose standing is set; what it had becomes a version if it is
// worth one and fits. The caller has taken the reference for the new blob. Error: quota_exceeded.
// Cost: about 10 statements.
Result<void> replace_content(store::WriteTx& tx, blobs::Store& blobs, const Node& node,
                             const Content& content);

}  // namespace essaim::files::internal
