#include "base/time/http_date.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

namespace essaim {
namespace {

constexpr Instant kExample{784'111'777'000};  // the example of RFC 9110 §5.6.7

TEST(HttpDate, writes_imf_fixdate) {
  EXPECT_EQ(format_http_date(kExample), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date({784'111'777'999}), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, reads_all_three_forms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), kExample);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994"), Instant{784'975'777'000});
  EXPECT_EQ(parse_http_date("Saturday, 06-Nov-26 08:49:37 GMT"),
            parse_http_date("Fri, 06 Nov 2026 08:49:37 GMT"));
}

TEST(HttpDate, instants_outside_the_span_are_written_as_its_ends) {
  EXPECT_EQ(format_http_date({-1}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_http_date({std::numeric_limits<std::int64_t>::min()}),
            "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_http_date({std::numeric_limits<std::int64_t>::max()}),
            "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(format_iso8601({std::numeric_limits<std::int64_t>::max()}), "9999-12-31T23:59:59Z");
}

TEST(HttpDate, refuses_what_is_not_a_date) {
  for (auto text : {"", "0", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
                    "Sun, 6 Nov 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
                    "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
                    "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
                    "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1969 08:49:37 GMT",
                    "Sun, 06 Nov 19940 08:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
                    "Fri, 31 Dec 9999 23:59:60 GMT", "Sun, 06 Nov 1994 08:49:37 GMT "}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

TEST(Iso8601, writes_and_reads) {
  EXPECT_EQ(format_iso8601(kExample), "1994-11-06T08:49:37Z");
  EXPECT_EQ(parse_iso8601("1994-11-06T08:49:37Z"), kExample);
  EXPECT_EQ(parse_iso8601("1994-11-06T09:49:37+01:00"), kExample);
  EXPECT_EQ(parse_iso8601("1994-11-06T03:19:37-05:30"), kExample);
  EXPECT_EQ(parse_iso8601("1994-11-06t08:49:37.1234567z"), Instant{kExample.ms + 123});
}

TEST(Iso8601, refuses_what_is_not_a_date) {
  for (auto text :
       {"", "1994-11-06", "1994-11-06T08:49:37", "1994-11-06 08:49:37Z", "1994-13-06T08:49:37Z",
        "1994-11-06T08:49:37.Z", "1994-11-06T08:49:37+1:00", "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "1994-11-06T08:49:37Zx", "1969-12-31T23:59:59Z"}) {
    EXPECT_FALSE(parse_iso8601(text)) << text;
  }
}

TEST(HttpDate, what_is_written_is_read_back) {
  EXPECT_TRUE(rc::check([] {
    Instant instant{*rc::gen::inRange<std::int64_t>(0, kLastInstant.ms)};
    Instant whole{instant.seconds() * 1000};
    RC_ASSERT(parse_http_date(format_http_date(instant)) == whole);
    RC_ASSERT(parse_iso8601(format_iso8601(instant)) == whole);
  }));
}

}  // namespace
}  // namespace essaim
