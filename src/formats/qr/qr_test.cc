#include "formats/qr/qr.h"

#include <gtest/gtest.h>

namespace essaim::qr {
namespace {

TEST(Qr, DrawsASquareWithItsQuietZoneAndItsCorner) {
  auto picture = draw("otpauth://totp/a");
  EXPECT_EQ(picture.size, 25 + 8) << "version 2";
  // The finder pattern of the upper left corner: seven dark modules, then one and one.
  EXPECT_TRUE(picture.path.starts_with("M4 4h7v1h-7z")) << picture.path.substr(0, 40);
  EXPECT_NE(picture.path.find("M4 5h1v1h-1z"), std::string::npos);
  EXPECT_EQ(picture.path.find_first_not_of("Mhvz-0123456789 "), std::string::npos);
}

TEST(Qr, WhatIsTooLongOrNothingIsNotDrawn) {
  EXPECT_EQ(draw("").size, 0);
  EXPECT_EQ(draw(std::string(1'001, 'x')).size, 0);
  EXPECT_GT(draw(std::string(1'000, 'x')).size, 0);
}

}  // namespace
}  // namespace essaim::qr
