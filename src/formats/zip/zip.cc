#include "formats/zip/zip.h"

#include <algorithm>
#include <chrono>

#include "base/core/check.h"

namespace essaim::zip {

namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;

constexpr std::uint16_t kNeeded = 20;                 // version 2.0: folders
constexpr std::uint16_t kNeeded64 = 45;               // version 4.5: ZIP64
constexpr std::uint16_t kMadeBy = (3 << 8) | 45;      // Unix: the attributes are its modes
constexpr std::uint16_t kUtf8Names = 1 << 11;         // general purpose bit 11
constexpr std::uint32_t kFileMode = 0100644U << 16;   // -rw-r--r--
constexpr std::uint32_t kFolderMode = 040755U << 16;  // drwxr-xr-x
constexpr std::uint32_t kDosFolder = 0x10;

constexpr std::uint16_t kZip64Extra = 0x0001;
constexpr std::uint16_t kTimeExtra = 0x5455;  // Info-ZIP's "UT": seconds, of no time zone
constexpr ByteCount kTimeExtraLength = 9;

constexpr std::uint32_t kMax32 = 0xffffffff;
constexpr std::uint16_t kMax16 = 0xffff;

void put16(std::string& out, std::uint16_t value) {
  out.push_back(static_cast<char>(value & 0xff));
  out.push_back(static_cast<char>(value >> 8));
}
void put32(std::string& out, std::uint32_t value) {
  put16(out, static_cast<std::uint16_t>(value & 0xffff));
  put16(out, static_cast<std::uint16_t>(value >> 16));
}
void put64(std::string& out, std::int64_t value) {
  put32(out, static_cast<std::uint32_t>(value & kMax32));
  put32(out, static_cast<std::uint32_t>(value >> 32));
}

bool overflows(std::int64_t value) {
  return value >= kMax32;
}
std::uint32_t clipped(std::int64_t value) {
  return overflows(value) ? kMax32 : static_cast<std::uint32_t>(value);
}

bool has_time_extra(const Entry& entry) {
  return entry.mtime >= 0 && entry.mtime <= INT32_MAX;
}

// MS-DOS time knows no zone and begins in 1980: UTC stands there for readers without the extra.
void put_dos_time(std::string& out, std::int64_t seconds) {
  using namespace std::chrono;
  constexpr sys_seconds kFirst = sys_days(1980y / January / 1);
  constexpr sys_seconds kLast = sys_days(2107y / December / 31);
  sys_seconds when = std::clamp(sys_seconds(std::chrono::seconds(seconds)), kFirst, kLast);
  auto day = floor<days>(when);
  year_month_day date(day);
  hh_mm_ss time(when - day);
  put16(out, static_cast<std::uint16_t>(time.hours().count() << 11 | time.minutes().count() << 5 |
                                        time.seconds().count() / 2));
  put16(out, static_cast<std::uint16_t>((int(date.year()) - 1980) << 9 |
                                        static_cast<int>(unsigned(date.month())) << 5 |
                                        static_cast<int>(unsigned(date.day()))));
}

void put_time_extra(std::string& out, const Entry& entry) {
  if (!has_time_extra(entry)) return;
  put16(out, kTimeExtra);
  put16(out, kTimeExtraLength - 4);
  out.push_back(1);  // the modification time alone
  put32(out, static_cast<std::uint32_t>(entry.mtime));
}

ByteCount local_extra_length(const Entry& entry) {
  return (overflows(entry.size) ? 20 : 0) + (has_time_extra(entry) ? kTimeExtraLength : 0);
}

ByteCount central_extra_length(const Entry& entry, ByteCount local_offset) {
  ByteCount numbers = (overflows(entry.size) ? 16 : 0) + (overflows(local_offset) ? 8 : 0);
  return (numbers > 0 ? numbers + 4 : 0) + (has_time_extra(entry) ? kTimeExtraLength : 0);
}

}  // namespace

ByteCount local_header_length(const Entry& entry) {
  return 30 + static_cast<ByteCount>(entry.path.size()) + local_extra_length(entry);
}

std::string local_header(const Entry& entry) {
  CHECK(entry.path.size() <= kPathMax);
  std::string out;
  put32(out, kLocalSignature);
  put16(out, overflows(entry.size) ? kNeeded64 : kNeeded);
  put16(out, kUtf8Names);
  put16(out, 0);  // stored
  put_dos_time(out, entry.mtime);
  put32(out, entry.crc32);
  put32(out, clipped(entry.size));
  put32(out, clipped(entry.size));
  put16(out, static_cast<std::uint16_t>(entry.path.size()));
  put16(out, static_cast<std::uint16_t>(local_extra_length(entry)));
  out += entry.path;
  if (overflows(entry.size)) {
    put16(out, kZip64Extra);
    put16(out, 16);
    put64(out, entry.size);
    put64(out, entry.size);
  }
  put_time_extra(out, entry);
  return out;
}

ByteCount central_header_length(const Entry& entry, ByteCount local_offset) {
  return 46 + static_cast<ByteCount>(entry.path.size()) + central_extra_length(entry, local_offset);
}

std::string central_header(const Entry& entry, ByteCount local_offset) {
  bool large = overflows(entry.size);
  bool far = overflows(local_offset);
  std::string out;
  put32(out, kCentralSignature);
  put16(out, kMadeBy);
  put16(out, large || far ? kNeeded64 : kNeeded);
  put16(out, kUtf8Names);
  put16(out, 0);  // stored
  put_dos_time(out, entry.mtime);
  put32(out, entry.crc32);
  put32(out, clipped(entry.size));
  put32(out, clipped(entry.size));
  put16(out, static_cast<std::uint16_t>(entry.path.size()));
  put16(out, static_cast<std::uint16_t>(central_extra_length(entry, local_offset)));
  put16(out, 0);  // comment
  put16(out, 0);  // disk
  put16(out, 0);  // internal attributes: not known to be text
  put32(out, entry.is_folder() ? kFolderMode | kDosFolder : kFileMode);
  put32(out, clipped(local_offset));
  out += entry.path;
  if (large || far) {
    put16(out, kZip64Extra);
    put16(out, static_cast<std::uint16_t>((large ? 16 : 0) + (far ? 8 : 0)));
    if (large) {
      put64(out, entry.size);
      put64(out, entry.size);
    }
    if (far) put64(out, local_offset);
  }
  put_time_extra(out, entry);
  return out;
}

std::string end_of_archive(const Directory& directory) {
  std::string out;
  bool many = directory.entries >= kMax16;
  if (many || overflows(directory.offset) || overflows(directory.length)) {
    put32(out, kEnd64Signature);
    put64(out, 44);  // what follows of this record
    put16(out, kMadeBy);
    put16(out, kNeeded64);
    put32(out, 0);  // this disk
    put32(out, 0);  // the directory's disk
    put64(out, directory.entries);
    put64(out, directory.entries);
    put64(out, directory.length);
    put64(out, directory.offset);
    put32(out, kLocator64Signature);
    put32(out, 0);
    put64(out, directory.offset + directory.length);
    put32(out, 1);  // disks
  }
  auto count = many ? kMax16 : static_cast<std::uint16_t>(directory.entries);
  put32(out, kEndSignature);
  put16(out, 0);
  put16(out, 0);
  put16(out, count);
  put16(out, count);
  put32(out, clipped(directory.length));
  put32(out, clipped(directory.offset));
  put16(out, 0);  // comment
  return out;
}

}  // namespace essaim::zip
