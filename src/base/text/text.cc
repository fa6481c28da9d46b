#include "base/text/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/core/check.h"

namespace essaim::text {

namespace {

bool all_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Which bytes stand for themselves in a path.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (unsigned char c : std::string_view(
           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*,:@/")) {
    plain[c] = true;
  }
  return plain;
}
constexpr std::array<bool, 256> kPlain = make_plain();

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

bool valid_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t point = 0;
    utf8proc_ssize_t taken = utf8proc_iterate(at, left, &point);
    if (taken <= 0) return false;
    at += taken;
    left -= taken;
  }
  return true;
}

namespace {

std::optional<std::string> mapped(std::string_view text, int options) {
  utf8proc_uint8_t* out = nullptr;
  utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &out,
                                       static_cast<utf8proc_option_t>(options));
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
  if (size < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string slow_search_key(std::string_view text) {
  auto key =
      mapped(text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
  if (!key) return lower_ascii(text);
  replace_all(*key, "œ", "oe");
  replace_all(*key, "æ", "ae");
  return std::move(*key);
}

// The keys of U+0080 to U+024F: two bytes each, from C2 80 to C9 8F.
constexpr unsigned kLatinFirst = 0x80;
constexpr unsigned kLatinEnd = 0x250;

// The first `size` bytes are the key.
struct LatinKey {
  std::array<char, 4> bytes{};
  std::uint8_t size = 0;
};

using LatinKeys = std::array<LatinKey, kLatinEnd - kLatinFirst>;

const LatinKeys& latin_keys() {
  static const auto table = [] {
    LatinKeys keys;
    for (unsigned each = kLatinFirst; each < kLatinEnd; ++each) {
      char bytes[] = {static_cast<char>(0xC0 | (each >> 6)), static_cast<char>(0x80 | (each & 63))};
      std::string key = slow_search_key({bytes, sizeof bytes});
      LatinKey& kept = keys[each - kLatinFirst];
      CHECK(key.size() <= kept.bytes.size());
      std::ranges::copy(key, kept.bytes.begin());
      kept.size = static_cast<std::uint8_t>(key.size());
    }
    return keys;
  }();
  return table;
}

// Names are looked at eight bytes at a time, as one number.
using Block = std::uint64_t;
constexpr Block kEach = 0x0101'0101'0101'0101;  // times a byte: that byte in each place
constexpr Block kHigh = 0x80 * kEach;

// The lower case of the bytes that come before the first that is not ASCII; what follows is
// anything.
constexpr Block lower_block(Block bytes) {
  Block from_a = bytes + (0x80 - 'A') * kEach;
  Block beyond_z = bytes + (0x80 - 'Z' - 1) * kEach;
  return bytes | (from_a & ~beyond_z & kHigh) >> 2;
}

Block block_at(const char* from) {
  Block bytes = 0;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

// The place of the first byte whose highest bit is set; 8: there is none.
std::size_t first_of(Block marks) {
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}
static_assert(std::endian::native == std::endian::little);

// Writes the key of ASCII and of letters of two bytes to `out`, which has room for twice the text.
// Returns its end; null when there is anything else in the text.
char* write_latin_key(std::string_view text, char* out) {
  const LatinKeys& keys = latin_keys();
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    if (end - at >= static_cast<std::ptrdiff_t>(sizeof(Block))) {
      Block bytes = block_at(at);
      Block lowered = lower_block(bytes);
      std::memcpy(out, &lowered, sizeof lowered);
      std::size_t done = first_of(bytes & kHigh);
      at += done;
      out += done;
      if (done == sizeof bytes) continue;
    } else if (static_cast<unsigned char>(*at) < 0x80) {
      *out++ = lower(*at++);
      continue;
    }
    if (end - at < 2) return nullptr;
    auto byte = static_cast<unsigned char>(at[0]);
    auto next = static_cast<unsigned char>(at[1]);
    unsigned code = (byte & 31U) << 6 | (next & 63U);
    if (byte < 0xC2 || byte > 0xC9 || (next & 0xC0U) != 0x80 || code >= kLatinEnd) return nullptr;
    const LatinKey& key = keys[code - kLatinFirst];
    std::ranges::copy(key.bytes, out);
    out += key.size;
    at += 2;
  }
  return out;
}

// How many bytes at the start of the text are ASCII, and the key's but for their case.
std::size_t same_ascii(std::string_view text, std::string_view key) {
  std::size_t most = std::min(text.size(), key.size());
  std::size_t same = 0;
  while (same < most && static_cast<unsigned char>(text[same]) < 0x80 &&
         lower(text[same]) == key[same]) {
    ++same;
  }
  return same;
}

}  // namespace

void append_search_key(std::string& out, std::string_view text) {
  std::size_t start = out.size();
  bool latin = true;
  // No key of two bytes is longer than four.
  out.resize_and_overwrite(start + 2 * text.size(), [&](char* bytes, std::size_t) {
    const char* end = write_latin_key(text, bytes + start);
    latin = end != nullptr;
    return latin ? static_cast<std::size_t>(end - bytes) : start;
  });
  if (!latin) out += slow_search_key(text);
}

std::string search_key(std::string_view text) {
  std::string out;
  append_search_key(out, text);
  return out;
}

Sought::Sought(std::string_view search_key) : key_(search_key) {
  if (key_.empty()) return;
  char first = key_.front();
  for (unsigned byte = 0; byte < 0x80; ++byte) {
    begins_[byte] = lower(static_cast<char>(byte)) == first;
  }
  // Of the letters of two bytes whose keys are known: "œ" can begin with "e", too.
  for (unsigned each = kLatinFirst; each < kLatinEnd; ++each) {
    const LatinKey& key = latin_keys()[each - kLatinFirst];
    std::string_view letters(key.bytes.data(), key.size);
    begins_[0xC0 | (each >> 6)] |= letters.find(first) != std::string_view::npos;
  }
  // Whatever else there is may have any key. C9 begins letters of both sorts.
  for (unsigned byte = 0xC9; byte < begins_.size(); ++byte) begins_[byte] = true;
}

bool Sought::in(std::string_view text, std::string& scratch) const {
  if (key_.empty()) return true;
  Block first = static_cast<unsigned char>(key_.front()) * kEach;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= sizeof(Block)) {
      // On to the next byte that is the first of the key, or is not ASCII.
      Block bytes = block_at(text.data() + at);
      Block other = lower_block(bytes) ^ first;
      Block doubtful = ((other - kEach) & ~other & kHigh) | (bytes & kHigh);
      at += first_of(doubtful);
      if (doubtful == 0) continue;
    }
    if (begins_[static_cast<unsigned char>(text[at])]) {
      std::size_t same = same_ascii(text.substr(at), key_);
      if (same == key_.size()) return true;
      bool open = at + same < text.size() && static_cast<unsigned char>(text[at + same]) >= 0x80;
      // A letter that is not ASCII is on the way: its key decides.
      if (open) break;
    }
    ++at;
  }
  if (at == text.size()) return false;
  scratch.clear();
  append_search_key(scratch, text);
  return scratch.find(key_) != std::string::npos;
}

std::string sort_key(std::string_view text) {
  std::string key = search_key(text);
  if (!all_ascii(text)) {
    auto folded = mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    key += '\0';
    if (folded) key += *folded;
  } else {
    std::string folded = key;
    key += '\0';
    key += folded;
  }
  key += '\0';
  key += text;
  return key;
}

std::optional<std::string> nfc(std::string_view text) {
  if (all_ascii(text)) return std::string(text);
  utf8proc_uint8_t* mapped = nullptr;
  utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = hex_value(text[i + 1]);
    int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

void append_percent_encoded_path(std::string& out, std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (char c : path) {
    auto byte = static_cast<unsigned char>(c);
    if (kPlain[byte]) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
}

std::string percent_encode_path(std::string_view path) {
  std::string out;
  out.reserve(path.size() + 16);
  append_percent_encoded_path(out, path);
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (char c : text) {
    auto value = kBase64.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xff));
    }
  }
  if (text.size() % 4 == 1) return std::nullopt;
  return out;
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      out.push_back(kBase64[(bits >> count) & 63]);
    }
  }
  if (count > 0) out.push_back(kBase64[(bits << (6 - count)) & 63]);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

std::optional<std::int64_t> to_int64(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> to_int64_truncated(std::string_view text) {
  auto dot = text.find('.');
  if (dot == std::string_view::npos) return to_int64(text);
  std::string_view fraction = text.substr(dot + 1);
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::ranges::all_of(fraction, digit)) return std::nullopt;
  return to_int64(text.substr(0, dot));
}

}  // namespace essaim::text
