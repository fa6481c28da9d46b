#include "protocols/pictures/initials.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <set>

namespace essaim::pictures {
namespace {

// The pixels of a PNG as draw_initials makes them: numbers of its palette.
std::string pixels_of(const std::string& png, int size) {
  auto at = png.find("IDAT");
  std::string out(static_cast<std::size_t>(size) * static_cast<std::size_t>(size + 1), '\0');
  uLongf length = out.size();
  int code = ::uncompress(reinterpret_cast<Bytef*>(out.data()), &length,
                          reinterpret_cast<const Bytef*>(png.data()) + at + 4,
                          static_cast<uLong>(png.size() - at - 4));
  EXPECT_EQ(code, Z_OK);
  EXPECT_EQ(length, out.size());
  return out;
}

TEST(Initials, AreOfTheFirstAndTheLastWord) {
  EXPECT_EQ(initials("Léa Martin", "lea"), "LM");
  EXPECT_EQ(initials("élodie", "x"), "E");
  EXPECT_EQ(initials("Jean-Paul de la Tour", "jp"), "JT");
  EXPECT_EQ(initials("  ", "marc.dupont@example.org"), "MO");
  EXPECT_EQ(initials("Мария", "maria"), "M") << "letters that cannot be drawn";
  EXPECT_EQ(initials("3e équipe", "e3"), "3E");
  EXPECT_EQ(initials("", "._-"), "");
}

TEST(Initials, EveryLetterIsDrawnAndLooksLikeNoOther) {
  std::set<std::string> seen;
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  for (char letter : letters) {
    auto pixels = pixels_of(draw_initials(std::string(1, letter), "lea", 64, Shade::light), 64);
    EXPECT_NE(pixels.find('\x0f'), std::string::npos) << letter;
    seen.insert(pixels);
  }
  EXPECT_EQ(seen.size(), letters.size());
}

TEST(Initials, EverySizeIsAPicture) {
  for (int size : {16, 17, 64, 511, 512}) {
    auto png = draw_initials("LM", "lea", size, Shade::light);
    EXPECT_TRUE(png.starts_with("\x89PNG\r\n\x1a\n"));
    EXPECT_EQ(pixels_of(png, size).size(), static_cast<std::size_t>(size * (size + 1)));
    EXPECT_LT(png.size(), 20'000U);
  }
  EXPECT_EQ(draw_initials("L", "lea", 100'000, Shade::light),
            draw_initials("L", "lea", kAvatarMax, Shade::light));
}

TEST(Initials, ColoursAreSpreadOverNamesThatAreAlike) {
  std::set<std::string> seen;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    seen.insert(draw_initials("", std::string("member-") + letter, 16, Shade::light));
  }
  EXPECT_GE(seen.size(), 9U);
}

TEST(Initials, TheColourGoesByThePerson) {
  auto lea = draw_initials("L", "lea", 64, Shade::light);
  EXPECT_EQ(lea, draw_initials("L", "LEA", 64, Shade::light));
  EXPECT_NE(lea, draw_initials("L", "leo", 64, Shade::light));
  EXPECT_NE(lea, draw_initials("L", "lea", 64, Shade::dark));
}

}  // namespace
}  // namespace essaim::pictures
