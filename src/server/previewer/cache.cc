#include "server/previewer/cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <span>

#include "base/secrets/digest.h"

namespace essaim::previewer {

namespace {

// At the end of every file: what it is, the sum of the bytes before, and how many they are.
constexpr std::string_view kMark = "essaimP1";
constexpr std::size_t kSumLength = 8;      // adler32, hex
constexpr std::size_t kLengthDigits = 16;  // hex
constexpr std::size_t kTrailer = kMark.size() + kSumLength + kLengthDigits;

constexpr std::size_t kHashLength = 64;
constexpr std::size_t kSpacesCountedMax =
    10'000;  // beyond, all are forgotten: some trims come late
// A space is looked at when it had this share of its limit in new previews.
constexpr int kTrimEvery = 8;
// What is left after a trim, in parts of ten of the limit.
constexpr int kTrimTo = 8;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string trailer_of(std::string_view bytes) {
  secrets::Digest digest(secrets::DigestType::adler32);
  digest.update(bytes_of(bytes));
  char digits[kLengthDigits];
  auto end = std::to_chars(digits, digits + kLengthDigits, bytes.size(), 16).ptr;
  std::string length(digits, end);
  std::string out(kMark);
  out += digest.hex();
  out.append(kLengthDigits - length.size(), '0');
  return out + length;
}

std::string shard_name(int shard) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {kDigits[static_cast<std::size_t>(shard / 16)],
          kDigits[static_cast<std::size_t>(shard % 16)]};
}

std::optional<std::string> whole(const UniqueFd& file) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || info.st_size < 0) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    ssize_t got = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

// Takes the trailer off; false when it does not fit.
bool verify(std::string& bytes) {
  if (bytes.size() < kTrailer) return false;
  std::string trailer = bytes.substr(bytes.size() - kTrailer);
  bytes.resize(bytes.size() - kTrailer);
  return trailer_of(bytes) == trailer;
}

}  // namespace

Cache::Cache(disk::Disk& disk, const store::Layout& layout, ByteCount space_bytes_max)
    : disk_(disk), layout_(layout), space_bytes_max_(space_bytes_max) {}

std::string Cache::folder(const SpaceId& space, std::string_view shard) const {
  return layout_.folder(space) + "/previews/" + std::string(shard);
}

std::optional<std::string> Cache::read(const SpaceId& space, std::string_view hash,
                                       std::string_view name) {
  std::string path = folder(space, hash.substr(0, 2)) + "/" + std::string(hash) + "-";
  path += name;
  auto file = disk_.open_read(path);
  if (!file) return std::nullopt;
  auto bytes = whole(*file);
  if (bytes && verify(*bytes)) return bytes;
  (void)disk_.remove(path);
  return std::nullopt;
}

Result<void> Cache::write(const SpaceId& space, std::string_view hash, std::string_view name,
                          std::string_view bytes) {
  std::string place = folder(space, hash.substr(0, 2));
  auto file = disk_.create(place);
  if (!file && file.error().code == Code::not_found) {
    // The space itself may be gone by now; then its folder stays gone.
    if (!disk_.exists(layout_.database(space))) return fail(Code::not_found, "no such space");
    TRY_VOID(disk_.make_folders(place, disk::Durable::no));
    file = disk_.create(place);
  }
  if (!file) return tl::unexpected(file.error());
  TRY_VOID((*file)->append(bytes_of(bytes)));
  TRY_VOID((*file)->append(bytes_of(trailer_of(bytes))));
  std::string path = place + "/" + std::string(hash) + "-";
  path += name;
  TRY_VOID((*file)->publish(path, disk::Durable::no));
  if (count(space, static_cast<ByteCount>(bytes.size()))) TRY(trim(space));
  return {};
}

bool Cache::count(const SpaceId& space, ByteCount bytes) {
  std::lock_guard lock(mutex_);
  if (written_.size() >= kSpacesCountedMax && !written_.contains(space)) written_.clear();
  ByteCount& written = written_[space];
  written += bytes;
  if (written < space_bytes_max_ / kTrimEvery) return false;
  written = 0;
  return true;
}

Result<std::vector<std::string>> Cache::contents(const SpaceId& space, int shard) {
  auto names = disk_.list(folder(space, shard_name(shard)));
  if (!names && names.error().code == Code::not_found) return std::vector<std::string>{};
  if (!names) return tl::unexpected(names.error());
  std::vector<std::string> out;
  for (const std::string& name : *names) {
    // The names are sorted. What is none of ours is a leftover, and counts as a content of nobody.
    std::string hash = name.substr(0, kHashLength);
    if (out.empty() || out.back() != hash) out.push_back(std::move(hash));
  }
  return out;
}

Result<int> Cache::remove(const SpaceId& space, int shard, const std::vector<std::string>& hashes) {
  std::string place = folder(space, shard_name(shard));
  auto names = TRY(disk_.list(place));
  int removed = 0;
  for (const std::string& name : names) {
    if (std::ranges::find(hashes, name.substr(0, kHashLength)) == hashes.end()) continue;
    auto gone = disk_.remove(place + "/" + name);
    if (!gone && gone.error().code != Code::not_found) return tl::unexpected(gone.error());
    ++removed;
  }
  return removed;
}

Result<int> Cache::trim(const SpaceId& space) {
  struct Old {
    std::int64_t modified_s;
    ByteCount size;
    std::string path;
  };
  std::vector<Old> all;
  ByteCount total = 0;
  for (int shard = 0; shard < kShards; ++shard) {
    std::string place = folder(space, shard_name(shard));
    auto names = disk_.list(place);
    if (!names) continue;
    for (const std::string& name : *names) {
      auto info = disk_.info(place + "/" + name);
      if (!info) continue;
      total += info->size;
      all.push_back({info->modified_s, info->size, place + "/" + name});
    }
  }
  if (total <= space_bytes_max_) return 0;
  std::ranges::sort(all, {}, &Old::modified_s);
  int removed = 0;
  for (const Old& old : all) {
    if (total <= space_bytes_max_ / 10 * kTrimTo) break;
    auto gone = disk_.remove(old.path);
    if (!gone && gone.error().code != Code::not_found) return tl::unexpected(gone.error());
    total -= old.size;
    ++removed;
  }
  return removed;
}

}  // namespace essaim::previewer
