#include "formats/http/cookies.h"

#include <gtest/gtest.h>

namespace essaim::http {
namespace {

std::optional<std::string> found(std::string_view field, std::string_view name) {
  Headers headers;
  headers.set("Cookie", field);
  auto value = find_cookie(headers, name);
  if (!value) return std::nullopt;
  return std::string(*value);
}

TEST(Cookies, OneIsFoundByItsWholeName) {
  EXPECT_EQ(found("a=1; ab=2;abc=3", "ab"), "2");
  EXPECT_EQ(found("a=1; ab=2", "b"), std::nullopt);
  EXPECT_EQ(found("A=1", "a"), std::nullopt);
  EXPECT_EQ(found("a=1; a=2", "a"), "1");
  EXPECT_EQ(found("a=x=y", "a"), "x=y");
  EXPECT_EQ(found("a=", "a"), "");
  EXPECT_EQ(found("a", "a"), std::nullopt);
  EXPECT_EQ(find_cookie({}, "a"), std::nullopt);
}

TEST(Cookies, StrangeValuesAreNone) {
  EXPECT_EQ(found("a=\"1\"", "a"), std::nullopt);
  EXPECT_EQ(found("a=1,2", "a"), std::nullopt);
  EXPECT_EQ(found("a=\xC3\xA9", "a"), std::nullopt);
  EXPECT_EQ(found("a=1 2", "a"), std::nullopt);
  EXPECT_EQ(found(std::string(100'000, ';') + "a=1", "a"), std::nullopt);
}

TEST(Cookies, OneIsSetForTheWholeSiteAndNoScript) {
  EXPECT_EQ(set_cookie({.name = "__Host-s", .value = "x1", .secure = true}),
            "__Host-s=x1; Path=/; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(set_cookie({.name = "f", .value = "x1", .life_s = 60}),
            "f=x1; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
  EXPECT_EQ(set_cookie({.name = "f", .value = "x1", .life_s = -1}),
            "f=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

}  // namespace
}  // namespace essaim::http
