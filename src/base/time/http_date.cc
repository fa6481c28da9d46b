#include "base/time/http_date.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

namespace essaim {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kShortDay = 3;

struct Parts {
  int year = 0;
  unsigned month = 0;  // 1 to 12
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// A cursor over the text; every step says whether it matched, and nothing is read past the end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  // Exactly `count` digits.
  bool digits(std::size_t count, int& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }

  bool digits(std::size_t count, unsigned& value) {
    int read = 0;
    if (!digits(count, read)) return false;
    value = static_cast<unsigned>(read);
    return true;
  }

  bool month(unsigned& value) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (literal(kMonths[i])) {
        value = static_cast<unsigned>(i + 1);
        return true;
      }
    }
    return false;
  }

  bool short_day() {
    return std::ranges::any_of(kDays, [&](auto day) { return literal(day.substr(0, kShortDay)); });
  }
  bool long_day() {
    return std::ranges::any_of(kDays, [&](auto day) { return literal(day); });
  }

  bool time_of_day(Parts& parts) {
    return digits(2, parts.hour) && literal(":") && digits(2, parts.minute) && literal(":") &&
           digits(2, parts.second);
  }

  // ".25" as 250 milliseconds; digits beyond the third are read and dropped.
  bool fraction(int& ms) {
    if (!literal(".")) return false;
    std::size_t count = 0;
    int scale = 100;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      ms += (rest_[count] - '0') * scale;
      scale /= 10;
    }
    rest_.remove_prefix(count);
    return count > 0;
  }

  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<Instant> to_instant(const Parts& parts) {
  using namespace std::chrono;
  if (parts.year < 1970 || parts.year > 9999) return std::nullopt;
  year_month_day date{year{parts.year}, month{parts.month}, day{parts.day}};
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  // A leap second counts as the first second of the next minute.
  auto since = sys_days{date}.time_since_epoch() + hours{parts.hour} + minutes{parts.minute} +
               seconds{parts.second};
  Instant instant{duration_cast<milliseconds>(since).count()};
  if (instant > kLastInstant) return std::nullopt;
  return instant;
}

struct Civil {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::seconds> time;
  unsigned weekday;

  explicit Civil(Instant instant) : Civil(clamped(instant)) {}

 private:
  explicit Civil(std::chrono::sys_seconds at) {
    auto midnight = std::chrono::floor<std::chrono::days>(at);
    date = std::chrono::year_month_day{midnight};
    time = std::chrono::hh_mm_ss{at - midnight};
    weekday = std::chrono::weekday{midnight}.c_encoding();
  }

  static std::chrono::sys_seconds clamped(Instant instant) {
    Instant inside = std::clamp(instant, kFirstInstant, kLastInstant);
    return std::chrono::sys_seconds{std::chrono::seconds{inside.seconds()}};
  }
};

// The five parts of a time stamp that both output forms share, as printf arguments.
int hour(const Civil& civil) {
  return static_cast<int>(civil.time.hours().count());
}
int minute(const Civil& civil) {
  return static_cast<int>(civil.time.minutes().count());
}
int second(const Civil& civil) {
  return static_cast<int>(civil.time.seconds().count());
}

// The last `count` digits of a number.
void put_digits(char* out, std::size_t count, unsigned value) {
  for (; count > 0; value /= 10) out[--count] = static_cast<char>('0' + value % 10);
}

std::optional<Instant> parse_imf(std::string_view text) {
  Scanner in(text);
  Parts parts;
  bool read = in.short_day() && in.literal(", ") && in.digits(2, parts.day) && in.literal(" ") &&
              in.month(parts.month) && in.literal(" ") && in.digits(4, parts.year) &&
              in.literal(" ") && in.time_of_day(parts) && in.literal(" GMT") && in.end();
  return read ? to_instant(parts) : std::nullopt;
}

std::optional<Instant> parse_rfc850(std::string_view text) {
  Scanner in(text);
  Parts parts;
  bool read = in.long_day() && in.literal(", ") && in.digits(2, parts.day) && in.literal("-") &&
              in.month(parts.month) && in.literal("-") && in.digits(2, parts.year) &&
              in.literal(" ") && in.time_of_day(parts) && in.literal(" GMT") && in.end();
  if (!read) return std::nullopt;
  parts.year += parts.year >= 70 ? 1900 : 2000;
  return to_instant(parts);
}

std::optional<Instant> parse_asctime(std::string_view text) {
  Scanner in(text);
  Parts parts;
  bool read = in.short_day() && in.literal(" ") && in.month(parts.month) && in.literal(" ") &&
              (in.literal(" ") ? in.digits(1, parts.day) : in.digits(2, parts.day)) &&
              in.literal(" ") && in.time_of_day(parts) && in.literal(" ") &&
              in.digits(4, parts.year) && in.end();
  return read ? to_instant(parts) : std::nullopt;
}

}  // namespace

std::string format_http_date(Instant instant) {
  Civil civil(instant);
  std::string_view day = kDays[civil.weekday].substr(0, kShortDay);
  std::string_view month = kMonths[static_cast<unsigned>(civil.date.month()) - 1];
  // Listings write one for each entry, so without the machinery of printf.
  std::string text = "Sun, 06 Nov 1994 08:49:37 GMT";
  day.copy(&text[0], kShortDay);
  put_digits(&text[5], 2, static_cast<unsigned>(civil.date.day()));
  month.copy(&text[8], kShortDay);
  put_digits(&text[12], 4, static_cast<unsigned>(static_cast<int>(civil.date.year())));
  put_digits(&text[17], 2, static_cast<unsigned>(hour(civil)));
  put_digits(&text[20], 2, static_cast<unsigned>(minute(civil)));
  put_digits(&text[23], 2, static_cast<unsigned>(second(civil)));
  return text;
}

std::optional<Instant> parse_http_date(std::string_view text) {
  if (auto instant = parse_imf(text)) return instant;
  if (auto instant = parse_rfc850(text)) return instant;
  return parse_asctime(text);
}

std::string format_iso8601(Instant instant) {
  Civil civil(instant);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(civil.date.year()), static_cast<unsigned>(civil.date.month()),
                static_cast<unsigned>(civil.date.day()), hour(civil), minute(civil), second(civil));
  return text.data();
}

std::optional<Instant> parse_iso8601(std::string_view text) {
  Scanner in(text);
  Parts parts;
  int ms = 0;
  bool read = in.digits(4, parts.year) && in.literal("-") && in.digits(2, parts.month) &&
              in.literal("-") && in.digits(2, parts.day) && (in.literal("T") || in.literal("t")) &&
              in.time_of_day(parts) && (!in.at('.') || in.fraction(ms));
  if (!read) return std::nullopt;
  int hours = 0;
  int minutes = 0;
  if (!in.literal("Z") && !in.literal("z")) {
    int sign = in.literal("+") ? 1 : in.literal("-") ? -1 : 0;
    if (sign == 0 || !in.digits(2, hours) || !in.literal(":") || !in.digits(2, minutes) ||
        hours > 23 || minutes > 59) {
      return std::nullopt;
    }
    hours *= sign;
    minutes *= sign;
  }
  auto local = to_instant(parts);
  if (!in.end() || !local) return std::nullopt;
  Instant instant{local->ms + ms - (hours * 60 + minutes) * 60'000};
  if (instant < kFirstInstant || instant > kLastInstant) return std::nullopt;
  return instant;
}

}  // namespace essaim
