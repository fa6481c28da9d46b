// manifest.json: the first entry of an exported space, what the rest of the tar must be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"

namespace essaim::fleet::internal {

inline constexpr std::int64_t kFormatVersion = 1;
inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kDatabaseName = "main.db";
inline constexpr std::string_view kBlobsFolder = "blobs/";
inline constexpr ByteCount kManifestBytesMax = 64 * kKiB;
inline constexpr ByteCount kDatabaseBytesMax = 256 * kGiB;
inline constexpr ByteCount kBlobBytesMax = 4'096 * kGiB;
inline constexpr std::int64_t kBlobsMax = 50'000'000;

struct Manifest {
  SpaceId id;
  std::string slug;
  std::string display_name;
  std::vector<std::string> hosts;  // besides the main one
  Instant created;
  Instant exported;
  std::int64_t schema_version = 0;
  ByteCount database_bytes = 0;
  std::string database_sha256;
  std::int64_t blobs = 0;    // files under blobs/
  ByteCount blob_bytes = 0;  // of all of them
};

std::string render(const Manifest& manifest);
// Every field is there, of its type and within its limits. Error: bad_request, unsupported (a newer
// format), with a line for the operator.
Result<Manifest> parse_manifest(std::string_view text);

bool valid_sha256(std::string_view hash);
// "blobs/cd/<hash>"
std::string blob_entry(std::string_view hash);

}  // namespace essaim::fleet::internal
