#include "formats/http/authorization.h"

#include <gtest/gtest.h>

namespace essaim::http {
namespace {

TEST(Basic, splits_at_the_first_colon) {
  auto read = parse_basic("Basic dXNlcjpwYTpzcw==");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "user");
  EXPECT_EQ(read->password, "pa:ss");
  EXPECT_EQ(parse_basic(" basic   dXNlcjpwYTpzcw ")->user, "user");  // no padding
  EXPECT_EQ(parse_basic("Basic Og==")->user, "");
}

TEST(Basic, credentials_are_utf8) {
  EXPECT_EQ(parse_basic("Basic bMOpYTrDqQ==")->user, "l\u00e9a");
  EXPECT_FALSE(parse_basic("Basic bOlhOuk="));  // Latin-1
  EXPECT_FALSE(parse_basic("Basic wK86YQ=="));  // overlong slash
  EXPECT_FALSE(parse_basic("Basic 7aCAOmE="));  // surrogate
}

TEST(Basic, control_characters_are_refused) {
  EXPECT_FALSE(parse_basic("Basic dQBzOnA="));  // u NUL s : p
  EXPECT_FALSE(parse_basic("Basic dXNlcjpwAA=="));
  EXPECT_FALSE(parse_basic("Basic dTpwCg=="));
}

TEST(Basic, what_is_not_basic_is_refused) {
  for (auto header : {"", "Basic", "Basic ", "Bearer dTpw", "BasicdTpw",
                      "Basic dXNlcg==", "Basic dTpw!", "Basic dTp", "Basic d", "Basic dT pw"}) {
    auto read = parse_basic(header);
    if (std::string_view(header) == "Basic dTp") {
      EXPECT_TRUE(read);  // "u:" with its padding left out
      continue;
    }
    ASSERT_FALSE(read) << header;
    EXPECT_EQ(read.error().code, Code::bad_request);
  }
  EXPECT_FALSE(parse_basic("Basic " + std::string(kBasicBytesMax, 'A')));
}

}  // namespace
}  // namespace essaim::http
