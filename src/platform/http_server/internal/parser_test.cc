#include "platform/http_server/internal/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace essaim::http_server {
namespace {

TEST(FindHeadEnd, finds_it_however_the_bytes_come) {
  std::string head = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
  for (std::size_t step = 1; step <= head.size(); ++step) {
    std::size_t scanned = 0;
    std::size_t shown = 0;
    while (shown < head.size()) {
      shown = std::min(shown + step, head.size());
      auto end = find_head_end(std::string_view(head).substr(0, shown), scanned);
      EXPECT_EQ(end.has_value(), shown == head.size());
      EXPECT_LE(scanned, shown);
      EXPECT_EQ(end.value_or(head.size()), head.size());
    }
  }
  std::size_t scanned = 0;
  EXPECT_EQ(find_head_end(head + "more", scanned), head.size());
}

TEST(ParseHead, keeps_names_values_and_unknown_methods) {
  RawHead raw;
  EXPECT_EQ(parse_head("Tea /x?y HTTP/1.0\r\nB: 1\r\nb:  2 \r\nA:\r\n"
                       "Connection: Keep-Alive\r\n\r\n",
                       10, raw),
            0);
  EXPECT_EQ(raw.method, "Tea");
  EXPECT_EQ(raw.target, "/x?y");
  EXPECT_EQ(raw.minor_version, 0);
  EXPECT_TRUE(raw.keep_alive);
  EXPECT_EQ(raw.headers.joined("B"), "1, 2");
  EXPECT_EQ(raw.headers.get("A"), "");
  EXPECT_FALSE(raw.content_length);
  EXPECT_FALSE(raw.chunked);
}

TEST(ParseHead, counts_its_fields) {
  std::string two = "GET / HTTP/1.1\r\nA: b\r\nA: b\r\n\r\n";
  RawHead enough;
  EXPECT_EQ(parse_head(two, 2, enough), 0);
  RawHead too_many;
  EXPECT_EQ(parse_head(two, 1, too_many), 431);
}

}  // namespace
}  // namespace essaim::http_server
