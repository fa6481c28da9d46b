#include "base/time/local_day.h"

#include "base/time/http_date.h"

namespace essaim {

namespace {

using std::chrono::sys_days;

constexpr std::size_t kDateSize = 10;

// The last Sunday of a month, at 01:00 UTC: when the clocks of the European Union change.
std::chrono::sys_time<std::chrono::hours> change_of_clocks(std::chrono::year year, unsigned month) {
  auto last = sys_days{year / std::chrono::month{month} / std::chrono::Sunday[std::chrono::last]};
  return last + std::chrono::hours{1};
}

std::chrono::hours offset_at(std::chrono::sys_time<std::chrono::hours> when) {
  auto year = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(when)}.year();
  bool summer = when >= change_of_clocks(year, 3) && when < change_of_clocks(year, 10);
  return std::chrono::hours{summer ? 2 : 1};
}

}  // namespace

std::optional<Instant> end_of_local_day(std::string_view date) {
  if (date.size() != kDateSize) return std::nullopt;
  auto midnight = parse_iso8601(std::string(date) + "T00:00:00Z");
  if (!midnight) return std::nullopt;
  auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::milliseconds>{
                 std::chrono::milliseconds{midnight->ms}}) +
             std::chrono::days{1};
  auto hours = std::chrono::time_point_cast<std::chrono::hours>(day);
  // Clocks change at night, hours after midnight: the offset of noon before is that of midnight.
  hours -= offset_at(hours - std::chrono::hours{12});
  return Instant{std::chrono::milliseconds{hours.time_since_epoch()}.count()};
}

std::string local_day_ending(Instant end) {
  auto utc = std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{end.ms}};
  auto hours = std::chrono::floor<std::chrono::hours>(utc);
  auto day = std::chrono::floor<std::chrono::days>(hours + offset_at(hours)) - std::chrono::days{1};
  auto text = format_iso8601(Instant{std::chrono::milliseconds{day.time_since_epoch()}.count()});
  return text.substr(0, kDateSize);
}

}  // namespace essaim
