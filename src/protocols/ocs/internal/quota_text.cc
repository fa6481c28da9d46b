#include "protocols/ocs/internal/quota_text.h"

#include <charconv>
#include <string>

#include "base/text/text.h"

namespace essaim::ocs::internal {

Result<std::optional<ByteCount>> parse_quota(std::string_view text) {
  std::string lower = text::lower_ascii(text::trim(text));
  if (lower.empty() || lower == "none" || lower == "default") return std::nullopt;
  double number = 0;
  auto [rest, wrong] =
      std::from_chars(lower.data(), lower.data() + lower.size(), number, std::chars_format::fixed);
  if (wrong != std::errc()) return fail(Code::bad_request, "a quota is a number of bytes");
  auto unit = text::trim(std::string_view(rest, lower.data() + lower.size()));
  struct Unit {
    std::string_view name;
    double bytes;
  };
  constexpr double kKilo = 1024;
  constexpr Unit kUnits[] = {{"", 1},
                             {"b", 1},
                             {"kb", kKilo},
                             {"mb", kKilo * kKilo},
                             {"gb", kKilo * kKilo * kKilo},
                             {"tb", kKilo * kKilo * kKilo * kKilo}};
  constexpr double kMost = 9007199254740992.0;
  for (const auto& [name, bytes] : kUnits) {
    if (unit != name) continue;
    double value = number * bytes;
    // Written so that what is no number is refused too.
    if (!(value >= 0 && value <= kMost)) break;
    return static_cast<ByteCount>(value);
  }
  return fail(Code::bad_request, "a quota is a number of bytes");
}

}  // namespace essaim::ocs::internal
