#include "platform/http_server/internal/chunks.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace essaim::http_server {
namespace {

// Encodes `body` in chunks of the given sizes.
std::string encoded(std::string_view body, const std::vector<std::size_t>& sizes) {
  std::string out;
  std::size_t next = 0;
  while (!body.empty()) {
    std::size_t size =
        sizes.empty() ? body.size() : std::min(sizes[next++ % sizes.size()] + 1, body.size());
    std::array<char, 24> line{};
    std::snprintf(line.data(), line.size(), "%zx\r\n", size);
    out += line.data();
    out += body.substr(0, size);
    out += "\r\n";
    body.remove_prefix(size);
  }
  return out + "0\r\n\r\n";
}

TEST(Chunks, gives_back_the_body_however_it_is_cut_and_taken) {
  EXPECT_TRUE(rc::check([](const std::string& body) {
    auto sizes = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange(0, 20));
    auto shown_most = *rc::gen::inRange<std::size_t>(1, 30);
    auto room = *rc::gen::inRange<std::size_t>(1, 30);
    std::string wire = encoded(body, sizes) + "GET";
    ChunkDecoder decoder;
    std::string decoded;
    std::vector<std::byte> out(room);
    std::size_t begin = 0;
    std::size_t end = 0;
    bool complete = false;
    while (!complete) {
      auto step = decoder.decode(std::string_view(wire).substr(begin, end - begin), out);
      RC_ASSERT(!step.malformed);
      RC_ASSERT(step.written <= room);
      decoded.append(reinterpret_cast<const char*>(out.data()), step.written);
      begin += step.used;
      complete = step.complete;
      if (!complete && step.used == 0 && step.written == 0) {
        RC_ASSERT(end < wire.size());
        end = std::min(end + shown_most, wire.size());
      }
    }
    RC_ASSERT(decoded == body);
    RC_ASSERT(wire.substr(begin) == "GET");  // the next request is left alone
  }));
}

struct Read {
  std::string body;
  bool complete = false;
  bool malformed = false;
};

Read read_all(std::string_view wire) {
  ChunkDecoder decoder;
  std::vector<std::byte> out(wire.size() + 1);
  auto step = decoder.decode(wire, out);
  return {{reinterpret_cast<const char*>(out.data()), step.written}, step.complete, step.malformed};
}

TEST(Chunks, extensions_and_trailers_are_dropped) {
  auto read = read_all("2;a=\"b\" ; c\r\nhi\r\n00A \r\n0123456789\r\n0\r\nX: y\r\nZ: \r\n\r\n");
  EXPECT_TRUE(read.complete);
  EXPECT_EQ(read.body, "hi0123456789");
  EXPECT_TRUE(read_all("0\r\n\r\n").complete);
}

TEST(Chunks, what_makes_no_sense_is_malformed) {
  for (const std::string& wire :
       {std::string("\r\n"), std::string("x"), std::string("-1\r\n"), std::string("+1\r\n"),
        std::string("0x1\r\n"), std::string("1\n"), std::string("1\rx"), std::string("1;\n"),
        std::string("1\r\nab"), std::string("1\r\na\n"), std::string("1\r\na\rx"),
        std::string("0\r\n\n"), std::string("0\r\nA: b\n"), std::string("0\r\n\rx"),
        std::string("ffffffffffffffff\r\n"), std::string("8000000000000000\r\n"),
        "1;" + std::string(kChunkExtensionMax + 1, 'x'), std::string(17, '0'),
        "0\r\n" + std::string(kTrailersMax + 1, 'x')}) {
    EXPECT_TRUE(read_all(wire).malformed) << wire.substr(0, 20);
    EXPECT_FALSE(read_all(wire).complete);
  }
}

TEST(Chunks, an_unfinished_body_is_neither) {
  std::string wire = "2;x\r\nhi\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t shown = 0; shown < wire.size(); ++shown) {
    auto read = read_all(std::string_view(wire).substr(0, shown));
    EXPECT_FALSE(read.complete || read.malformed) << shown;
  }
}

}  // namespace
}  // namespace essaim::http_server
