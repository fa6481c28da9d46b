#include "features/previews/previews.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "space/store/testing.h"

namespace essaim::previews {
namespace {

TEST(PreviewKind, GoesByWhatAFileIsSaidToBe) {
  EXPECT_EQ(kind_of(Offer::everything, "image/jpeg", 10), Kind::image);
  EXPECT_EQ(kind_of(Offer::everything, "image/heic", 10), Kind::image);
  EXPECT_EQ(kind_of(Offer::everything, "application/pdf", 10), Kind::pdf);
  EXPECT_EQ(kind_of(Offer::everything, "text/markdown", 10), Kind::text);
  EXPECT_EQ(kind_of(Offer::everything, "image/svg+xml", 10), Kind::none);
  EXPECT_EQ(kind_of(Offer::everything, "text/html", 10), Kind::none);
  EXPECT_EQ(kind_of(Offer::everything, "video/mp4", 10), Kind::none);
}

TEST(PreviewKind, NothingOfEmptyOrLargeContents) {
  EXPECT_EQ(kind_of(Offer::everything, "image/png", 0), Kind::none);
  EXPECT_EQ(kind_of(Offer::everything, "image/png", kImageBytesMax), Kind::image);
  EXPECT_EQ(kind_of(Offer::everything, "image/png", kImageBytesMax + 1), Kind::none);
  EXPECT_EQ(kind_of(Offer::everything, "application/pdf", kPdfBytesMax + 1), Kind::none);
  EXPECT_EQ(kind_of(Offer::everything, "text/csv", kTextBytesMax + 1), Kind::none);
}

TEST(PreviewKind, DocumentsNeedTheTighterSandbox) {
  EXPECT_EQ(kind_of(Offer::images, "image/png", 10), Kind::image);
  EXPECT_EQ(kind_of(Offer::images, "application/pdf", 10), Kind::none);
  EXPECT_EQ(kind_of(Offer::images, "text/plain", 10), Kind::none);
  EXPECT_EQ(kind_of(Offer::nothing, "image/png", 10), Kind::none);
}

TEST(PreviewShape, IsRoundedUpToTheNextSide) {
  EXPECT_EQ(shape_of(Mode::fill, 32, 32), (Shape{Mode::fill, 64, 64}));
  EXPECT_EQ(shape_of(Mode::fill, 64, 10), (Shape{Mode::fill, 64, 64}));
  EXPECT_EQ(shape_of(Mode::fill, 65, 10), (Shape{Mode::fill, 256, 256}));
  EXPECT_EQ(shape_of(Mode::cover, 257, 1024), (Shape{Mode::cover, 1024, 1024}));
  EXPECT_EQ(shape_of(Mode::fill, 9'000'000'000, 1), (Shape{Mode::fill, 4096, 4096}));
}

TEST(PreviewShape, ACropKeepsItsShapeToAnEighth) {
  EXPECT_EQ(shape_of(Mode::crop, 200, 200), (Shape{Mode::crop, 256, 256}));
  EXPECT_EQ(shape_of(Mode::crop, 200, 100), (Shape{Mode::crop, 256, 128}));
  EXPECT_EQ(shape_of(Mode::crop, 100, 201), (Shape{Mode::crop, 128, 256}));
  EXPECT_EQ(shape_of(Mode::crop, 4096, 1), (Shape{Mode::crop, 4096, 512}));
  EXPECT_EQ(shape_of(Mode::crop, 1'000'000'000'000, 1), (Shape{Mode::crop, 4096, 512}));
}

TEST(PreviewShape, HasAName) {
  EXPECT_EQ(name_of(Kind::image, {Mode::crop, 256, 128}), "image-crop-256x128");
  EXPECT_EQ(name_of(Kind::pdf, {Mode::fill, 64, 64}), "pdf-fill-64x64");
}

class PreviewFailures : public testing::Test {
 protected:
  store::WriteTx at(std::int64_t ms) { return space_.turn(Instant{ms}); }

  store::TestSpace space_;
};

TEST_F(PreviewFailures, AreRememberedForAWhile) {
  auto tx = at(1'000);
  EXPECT_FALSE(failed(tx, "aa", Kind::image));
  note_failure(tx, "aa", Kind::image, Duration(500));
  EXPECT_TRUE(failed(tx, "aa", Kind::image));
  EXPECT_TRUE(failures(tx).contains("aa", Kind::image));
  auto later = at(1'500);
  EXPECT_FALSE(failed(later, "aa", Kind::image));
  EXPECT_FALSE(failures(later).contains("aa", Kind::image));
}

TEST_F(PreviewFailures, BelongToAContentLookedAtInOneWay) {
  auto tx = at(1'000);
  note_failure(tx, "aa", Kind::text, Duration(500));
  EXPECT_FALSE(failed(tx, "aa", Kind::image));
  EXPECT_FALSE(failures(tx).contains("aa", Kind::image));
  EXPECT_FALSE(failures(tx).contains("bb", Kind::text));
}

TEST_F(PreviewFailures, ASecondOneLastsAnew) {
  auto tx = at(1'000);
  note_failure(tx, "aa", Kind::image, Duration(500));
  auto later = at(1'400);
  note_failure(later, "aa", Kind::image, Duration(500));
  auto end = at(1'600);
  EXPECT_TRUE(failed(end, "aa", Kind::image));
}

TEST_F(PreviewFailures, AreForgottenWhenTheyHaveEnded) {
  auto tx = at(1'000);
  for (int i = 0; i < 5; ++i) {
    note_failure(tx, std::to_string(i), Kind::image, Duration(100 + i));
  }
  auto later = at(1'102);
  EXPECT_EQ(forget_failures(later, 2), 2);
  EXPECT_EQ(forget_failures(later, 2), 1);
  EXPECT_TRUE(failed(later, "4", Kind::image));
}

TEST_F(PreviewFailures, HaveALimit) {
  space_.database().script("BEGIN");
  auto tx = at(1'000);
  for (int i = 0; i < 3; ++i) {
    note_failure(tx, "early" + std::to_string(i), Kind::image, Duration(1));
  }
  tx.execute(R"sql(
    WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    INSERT INTO preview_failure(hash, kind, until) SELECT 'x' || i, 1, 5000 FROM n)sql",
             kFailuresMax);
  note_failure(tx, "last", Kind::image, Duration(9'000));
  EXPECT_FALSE(failed(tx, "early0", Kind::image));
  EXPECT_TRUE(failed(tx, "last", Kind::image));
  auto rows = tx.query("SELECT count(*) FROM preview_failure");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.int64(0), kFailuresMax);
  space_.database().script("COMMIT");
}

}  // namespace
}  // namespace essaim::previews
