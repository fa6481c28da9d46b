#include "formats/mime/types.h"

#include <gtest/gtest.h>

namespace essaim::mime {
namespace {

TEST(Mime, TheExtensionDecidesWithoutCase) {
  EXPECT_EQ(type_of("Notes.TXT"), "text/plain");
  EXPECT_EQ(type_of("a.b.odt"), "application/vnd.oasis.opendocument.text");
  EXPECT_EQ(type_of("zip"), "application/octet-stream");
  EXPECT_EQ(type_of("a."), "application/octet-stream");
  EXPECT_EQ(type_of("a.unknown"), "application/octet-stream");
  EXPECT_EQ(type_of(".zip"), "application/zip");
}

}  // namespace
}  // namespace essaim::mime
