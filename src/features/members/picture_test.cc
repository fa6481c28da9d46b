// Pictures of people: one each, within limits, gone with the person.
#include "features/members/picture.h"

#include <gtest/gtest.h>

#include "features/members/internal/testing.h"

namespace essaim::members {
namespace {

class Pictures : public internal::MembersFixture {};

const std::string kPng = "\x89PNG\r\n\x1a\n";
const std::string kJpeg = "\xFF\xD8\xFF";

Picture picture(const std::string& mark) {
  return {.small = kPng + "small" + mark,
          .medium = kPng + "medium" + mark,
          .large = kJpeg + "large" + mark};
}

TEST_F(Pictures, EverySizeIsKeptAsItCame) {
  auto tx = turn();
  EXPECT_FALSE(picture_hash(tx, lea_.id));
  EXPECT_FALSE(picture_of(tx, lea_.id, PictureSize::small));
  auto one = picture(std::string("\0\xff one", 6));
  ASSERT_TRUE(set_picture(tx, lea_.id, one));
  EXPECT_EQ(picture_of(tx, lea_.id, PictureSize::small), one.small);
  EXPECT_EQ(picture_of(tx, lea_.id, PictureSize::medium), one.medium);
  EXPECT_EQ(picture_of(tx, lea_.id, PictureSize::large), one.large);
  EXPECT_FALSE(picture_hash(tx, member("marc").id)) << "of nobody else";
}

TEST_F(Pictures, AnotherTakesItsPlaceAndHasAnotherHash) {
  auto tx = turn();
  ASSERT_TRUE(set_picture(tx, lea_.id, picture("one")));
  auto first = picture_hash(tx, lea_.id);
  ASSERT_TRUE(set_picture(tx, lea_.id, picture("two")));
  auto second = picture_hash(tx, lea_.id);
  EXPECT_NE(first, second);
  EXPECT_EQ(picture_of(tx, lea_.id, PictureSize::large), picture("two").large);
  ASSERT_TRUE(set_picture(tx, lea_.id, picture("one")));
  EXPECT_EQ(picture_hash(tx, lea_.id), first) << "the same picture has the same hash";
}

TEST_F(Pictures, WhatIsTooLargeOrNoPictureChangesNothing) {
  auto tx = turn();
  ASSERT_TRUE(set_picture(tx, lea_.id, picture("one")));
  auto hash = picture_hash(tx, lea_.id);
  auto wide = picture("two");
  wide.large += std::string(kPictureLargeMax, 'x');
  EXPECT_EQ(set_picture(tx, lea_.id, wide).error().code, Code::too_large);
  wide = picture("two");
  wide.small += std::string(kPictureSmallMax, 'x');
  EXPECT_EQ(set_picture(tx, lea_.id, wide).error().code, Code::too_large);
  wide = picture("two");
  wide.medium += std::string(kPictureMediumMax, 'x');
  EXPECT_EQ(set_picture(tx, lea_.id, wide).error().code, Code::too_large);
  auto odd = picture("two");
  odd.large = "<svg xmlns='http://www.w3.org/2000/svg'/>";
  EXPECT_EQ(set_picture(tx, lea_.id, odd).error().code, Code::bad_request);
  odd = picture("two");
  odd.medium = kJpeg;
  EXPECT_EQ(set_picture(tx, lea_.id, odd).error().code, Code::bad_request) << "a PNG by its name";
  EXPECT_EQ(picture_hash(tx, lea_.id), hash);
}

TEST_F(Pictures, ItIsTakenAwayAndGoesWithThePerson) {
  auto marc = member("marc");
  auto tx = turn();
  EXPECT_FALSE(remove_picture(tx, lea_.id)) << "there is none";
  ASSERT_TRUE(set_picture(tx, lea_.id, picture("lea")));
  ASSERT_TRUE(set_picture(tx, marc.id, picture("marc")));
  EXPECT_TRUE(remove_picture(tx, lea_.id));
  EXPECT_FALSE(picture_hash(tx, lea_.id));
  EXPECT_TRUE(picture_hash(tx, marc.id));
  remove(tx, marc.id);
  EXPECT_FALSE(picture_hash(tx, marc.id));
}

}  // namespace
}  // namespace essaim::members
