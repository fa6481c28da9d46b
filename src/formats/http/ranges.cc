#include "formats/http/ranges.h"

#include <algorithm>
#include <limits>

#include "formats/http/text.h"

namespace essaim::http {
namespace {

constexpr ByteCount kHuge = std::numeric_limits<ByteCount>::max();

// Digits to a number; one too large for a ByteCount becomes the largest, which is beyond every
// body.
std::optional<ByteCount> number(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  ByteCount value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    ByteCount digit = c - '0';
    value = value > (kHuge - digit) / 10 ? kHuge : value * 10 + digit;
  }
  return value;
}

enum class Outcome : std::uint8_t { inside, beyond, malformed };

Outcome one_range(std::string_view spec, ByteCount size, ByteRange& range) {
  auto dash = spec.find('-');
  if (dash == std::string_view::npos) return Outcome::malformed;
  std::string_view before = spec.substr(0, dash);
  std::string_view after = spec.substr(dash + 1);
  if (before.empty()) {  // the last bytes of the body
    auto suffix = number(after);
    if (!suffix) return Outcome::malformed;
    if (*suffix == 0) return Outcome::beyond;
    ByteCount length = std::min(*suffix, size);
    range = {size - length, length};
    return size > 0 ? Outcome::inside : Outcome::malformed;
  }
  auto first = number(before);
  auto last = after.empty() ? std::optional(kHuge) : number(after);
  if (!first || !last || *last < *first) return Outcome::malformed;
  if (*first >= size) return Outcome::beyond;
  range = {*first, std::min(*last, size - 1) - *first + 1};
  return Outcome::inside;
}

}  // namespace

RangeRequest parse_range(std::optional<std::string_view> header, ByteCount size) {
  if (!header || header->size() > kRangeHeaderBytesMax) return {};
  auto equals = header->find('=');
  if (equals == std::string_view::npos) return {};
  if (!same_word(trim(header->substr(0, equals)), "bytes")) return {};
  RangeRequest request;
  std::size_t count = 0;
  ListReader list(header->substr(equals + 1));
  while (auto spec = list.next()) {
    if (++count > kRangesMax) return {};
    ByteRange range;
    switch (one_range(*spec, size, range)) {
      case Outcome::malformed:
        return {};
      case Outcome::beyond:
        break;
      case Outcome::inside:
        request.ranges.push_back(range);
    }
  }
  if (count == 0) return {};
  request.kind =
      request.ranges.empty() ? RangeRequest::Kind::unsatisfiable : RangeRequest::Kind::satisfiable;
  return request;
}

std::string content_range(const ByteRange& range, ByteCount size) {
  return "bytes " + std::to_string(range.first) + "-" +
         std::to_string(range.first + range.length - 1) + "/" + std::to_string(size);
}

std::string content_range_unsatisfied(ByteCount size) {
  return "bytes */" + std::to_string(size);
}

}  // namespace essaim::http
