// A ZIP archive in pieces (PKWARE APPNOTE 6.3.10): contents are stored, not compressed, because
// what people keep is compressed already. Names, sizes, times and CRC-32 are known beforehand, so
// the length of an archive is known before its first byte, any part of it can be made alone, and no
// reader has to look for the end of a content.
//
//   for each entry: local_header(entry), its content
//   for each entry: central_header(entry, offset of its local header)
//   end_of_archive(...)
//
// ZIP64 records are used where a number does not fit in 32 bits, and only there: old readers then
// understand everything they could hold.
#pragma once

#include <cstdint>
#include <string>

#include "base/core/types.h"

namespace essaim::zip {

inline constexpr std::size_t kPathMax = 65'535;  // bytes, of one entry

struct Entry {
  std::string path;  // UTF-8, "Docs/plan.pdf"; folders end in '/'
  ByteCount size = 0;
  std::uint32_t crc32 = 0;
  std::int64_t mtime = 0;  // seconds since 1970

  bool is_folder() const { return path.ends_with('/'); }
};

// The lengths depend on path, size and offset alone, not on the CRC.
std::string local_header(const Entry& entry);
ByteCount local_header_length(const Entry& entry);
std::string central_header(const Entry& entry, ByteCount local_offset);
ByteCount central_header_length(const Entry& entry, ByteCount local_offset);

// The directory begins at `offset` and is `length` long.
struct Directory {
  std::int64_t entries = 0;
  ByteCount offset = 0;
  ByteCount length = 0;
};
std::string end_of_archive(const Directory& directory);

}  // namespace essaim::zip
