// Large files that arrive in pieces: a transfer has a name, its parts have names, and in the order
// of those names they are one file. Every part is durable when it is acknowledged, so an upload
// goes on after a cut.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "features/files/change.h"
#include "features/files/node.h"
#include "space/blobs/blobs.h"

namespace essaim::files {

struct Upload {
  std::int64_t id = 0;
  std::string name;
};

struct Part {
  std::string name;
  ByteCount size = 0;
  std::string blob;  // SHA-256
};

inline constexpr std::size_t kUploadNameMax = 255;      // bytes, of transfers and parts
inline constexpr std::int64_t kUploadsMax = 1'000;      // transfers of one member at a time
inline constexpr std::int64_t kPartsMax = 10'000;       // of one transfer
inline constexpr ByteCount kStagingExtra = 1 * kGiB;    // beyond the free quota, over all transfers
inline constexpr Duration kUploadLife{48 * 3'600'000};  // untouched for this long: removed

// Errors: exists, invalid_name, too_many.
Result<Upload> begin_upload(store::WriteTx& tx, const access::Caller& caller,
                            std::string_view name);
// Error: not_found, also for somebody else's.
Result<Upload> find_upload(store::ReadTx& tx, const access::Caller& caller, std::string_view name);
// Bytes that may still be staged; never negative.
ByteCount staging_room(store::ReadTx& tx, const access::Place& place);
// Error: quota_exceeded when `more` staged bytes would not fit.
Result<void> check_staging(store::ReadTx& tx, const access::Place& place, ByteCount more);
// Errors: invalid_name, too_many.
Result<Outcome> add_part(store::WriteTx& tx, blobs::Store& blobs, const Upload& upload,
                         std::string_view name, const blobs::SpooledBlob& blob);
// In the order in which they make the file: runs of digits compare as numbers, since clients count
// from 0 or 1, with or without leading zeros, or name byte ranges.
std::vector<Part> parts(store::ReadTx& tx, const Upload& upload);
// Error: not_found.
Result<void> remove_part(store::WriteTx& tx, blobs::Store& blobs, const Upload& upload,
                         std::string_view name);
void remove_upload(store::WriteTx& tx, blobs::Store& blobs, const Upload& upload);
// Removes up to `count` transfers that nobody has touched for kUploadLife. Returns how many.
int expire_uploads(store::WriteTx& tx, blobs::Store& blobs, int count);

// Whether `a` comes before `b` in a file.
bool before(std::string_view a, std::string_view b);

}  // namespace essaim::files
