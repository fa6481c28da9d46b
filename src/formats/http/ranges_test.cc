#include "formats/http/ranges.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace essaim::http {
namespace {

using Kind = RangeRequest::Kind;

RangeRequest parse(std::string_view header, ByteCount size) {
  return parse_range(header, size);
}

TEST(Ranges, one_range_is_cut_to_the_body) {
  EXPECT_EQ(parse("bytes=0-499", 1000).ranges, (std::vector<ByteRange>{{0, 500}}));
  EXPECT_EQ(parse("bytes=500-", 1000).ranges, (std::vector<ByteRange>{{500, 500}}));
  EXPECT_EQ(parse("bytes=-100", 1000).ranges, (std::vector<ByteRange>{{900, 100}}));
  EXPECT_EQ(parse("bytes=-5000", 1000).ranges, (std::vector<ByteRange>{{0, 1000}}));
  EXPECT_EQ(parse("BYTES = 999-5000", 1000).ranges, (std::vector<ByteRange>{{999, 1}}));
}

TEST(Ranges, several_ranges_keep_their_order_and_drop_what_lies_beyond) {
  auto request = parse("bytes=5-9, 0-1 ,, 2000-, -3", 1000);
  EXPECT_EQ(request.kind, Kind::satisfiable);
  EXPECT_EQ(request.ranges, (std::vector<ByteRange>{{5, 5}, {0, 2}, {997, 3}}));
}

TEST(Ranges, nothing_inside_the_body_is_unsatisfiable) {
  EXPECT_EQ(parse("bytes=1000-", 1000).kind, Kind::unsatisfiable);
  EXPECT_EQ(parse("bytes=-0", 1000).kind, Kind::unsatisfiable);
  EXPECT_EQ(parse("bytes=0-", 0).kind, Kind::unsatisfiable);
  EXPECT_EQ(parse("bytes=99999999999999999999999999-", 1000).kind, Kind::unsatisfiable);
  EXPECT_EQ(parse("bytes=9223372036854775807-9223372036854775807", 1000).kind, Kind::unsatisfiable);
}

TEST(Ranges, numbers_too_large_for_us_count_as_beyond_every_body) {
  EXPECT_EQ(parse("bytes=0-99999999999999999999999999", 1000).ranges,
            (std::vector<ByteRange>{{0, 1000}}));
  EXPECT_EQ(parse("bytes=-99999999999999999999999999", 1000).ranges,
            (std::vector<ByteRange>{{0, 1000}}));
}

TEST(Ranges, what_cannot_be_read_is_ignored) {
  for (auto header : {"", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=5-4",
                      "bytes=1-2-3", "items=0-1", "bytes=0 -1", "bytes=+1-2", "bytes=0-1,x"}) {
    EXPECT_EQ(parse(header, 1000).kind, Kind::none) << header;
  }
  EXPECT_EQ(parse_range(std::nullopt, 1000).kind, Kind::none);
  EXPECT_EQ(parse("bytes=-5", 0).kind, Kind::none);
}

TEST(Ranges, too_many_or_too_long_is_ignored) {
  std::string many = "bytes=0-0";
  for (std::size_t i = 0; i < kRangesMax; ++i) many += ",0-0";
  EXPECT_EQ(parse(many, 1000).kind, Kind::none);
  std::string nines = "bytes=0-" + std::string(kRangeHeaderBytesMax, '9');
  EXPECT_EQ(parse(nines, 1000).kind, Kind::none);
}

TEST(Ranges, content_range_says_what_is_sent) {
  EXPECT_EQ(content_range({0, 500}, 1234), "bytes 0-499/1234");
  EXPECT_EQ(content_range_unsatisfied(1234), "bytes */1234");
}

TEST(Ranges, a_range_within_the_body_comes_back_as_asked) {
  EXPECT_TRUE(rc::check([] {
    auto size = *rc::gen::inRange<ByteCount>(1, kGiB);
    auto first = *rc::gen::inRange<ByteCount>(0, size);
    auto last = *rc::gen::inRange<ByteCount>(first, size);
    auto request = parse("bytes=" + std::to_string(first) + "-" + std::to_string(last), size);
    RC_ASSERT(request.ranges == (std::vector<ByteRange>{{first, last - first + 1}}));
  }));
}

}  // namespace
}  // namespace essaim::http
