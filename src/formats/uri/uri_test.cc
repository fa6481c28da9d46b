#include "formats/uri/uri.h"

#include <gtest/gtest.h>

namespace essaim::uri {
namespace {

using Names = std::vector<std::string>;

TEST(Uri, APathIsDecodedOnceAndComposed) {
  auto path = split_path("/a%20b//e%CC%81/100%2525/");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->names, (Names{"a b", "\xC3\xA9", "100%25"}));
  EXPECT_TRUE(path->trailing_slash);
  EXPECT_EQ(split_path("/a+b")->names, Names{"a+b"});
  EXPECT_TRUE(split_path("/")->names.empty());
}

TEST(Uri, HostilePathsAreRefused) {
  for (const char* path : {"", "a", "/..", "/a/../b", "/%2e%2e/x", "/.", "/a%00b", "/%", "/%ff"}) {
    EXPECT_EQ(split_path(path).error().code, Code::bad_request) << path;
  }
  EXPECT_FALSE(split_path("/" + std::string(kPathMax + 1, 'a')));
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "/a";
  EXPECT_FALSE(split_path(deep));
}

TEST(Uri, AnEncodedSlashStaysInsideItsSegment) {
  EXPECT_EQ(split_path("/a%2Fb")->names, Names{"a/b"});  // refused later as a name
}

TEST(Uri, ADestinationIsAUrlOrAPath) {
  auto url = parse_target("HTTPS://Cloud.Example:8443/x/y?q#f");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->authority, "cloud.example:8443");
  EXPECT_EQ(url->path, "/x/y");
  EXPECT_EQ(parse_target("/x")->path, "/x");
  EXPECT_EQ(parse_target("http://h")->path, "/");
  EXPECT_FALSE(parse_target("ftp://h/x"));
  EXPECT_FALSE(parse_target("x/y"));
  EXPECT_FALSE(parse_target(""));
  EXPECT_FALSE(parse_target("http:///x"));
  EXPECT_FALSE(parse_target("/" + std::string(20'000, 'a')));
}

TEST(Uri, AHostHasNoPortAndNoBrackets) {
  EXPECT_EQ(host_of("Voile.Localhost:8080"), "voile.localhost");
  EXPECT_EQ(host_of("[::1]:80"), "::1");
  EXPECT_EQ(host_of("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(host_of("name."), "name");
  EXPECT_FALSE(host_of(""));
  EXPECT_FALSE(host_of("a b"));
  EXPECT_FALSE(host_of("[::1"));
}

TEST(Uri, FormValuesAreDecoded) {
  EXPECT_EQ(form_value("a=1&b=x+y%26", "b"), "x y&");
  EXPECT_EQ(form_value("a", "a"), "");
  EXPECT_EQ(form_value("", "a"), std::nullopt);
  EXPECT_EQ(form_value("a=%", "a"), std::nullopt);
}

TEST(Forms, WhatIsEncodedIsReadBack) {
  std::string all;
  for (int i = 1; i < 128; ++i) all.push_back(static_cast<char>(i));
  all += "é 日";
  EXPECT_EQ(form_value("a=1&b=" + form_encode(all) + "&c=2", "b"), all);
  EXPECT_EQ(form_encode("a b/é~"), "a+b%2F%C3%A9~");
}

}  // namespace
}  // namespace essaim::uri
