#include "base/text/base32.h"

#include <gtest/gtest.h>

namespace essaim::text {
namespace {

TEST(Base32, IsThePublishedOneWithoutPadding) {
  EXPECT_EQ(base32_encode(""), "");
  EXPECT_EQ(base32_encode("f"), "MY");
  EXPECT_EQ(base32_encode("foob"), "MZXW6YQ");
  EXPECT_EQ(base32_encode("foobar"), "MZXW6YTBOI");
  EXPECT_EQ(base32_encode("\xff\xff\xff\xff\xff"), "77777777");
}

}  // namespace
}  // namespace essaim::text
