#include "base/text/text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace essaim::text {
namespace {

TEST(Text, NamesAreComposed) {
  EXPECT_EQ(nfc("e\xCC\x81t\xC3\xA9"), "\xC3\xA9t\xC3\xA9");
  EXPECT_EQ(nfc("plain"), "plain");
  EXPECT_EQ(nfc("\xff"), std::nullopt);
  EXPECT_EQ(nfc("\xC3\xA9\xC3"), std::nullopt);
}

TEST(Text, Utf8IsChecked) {
  EXPECT_TRUE(valid_utf8("\xF0\x9F\x90\x9D"));
  EXPECT_FALSE(valid_utf8("\xC0\x80"));
  EXPECT_FALSE(valid_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(valid_utf8("\xF0\x9F\x90"));
}

TEST(Text, PercentDecodingHappensOnceAndPlusIsAPlus) {
  EXPECT_EQ(percent_decode("a%20b+c%2525"), "a b+c%25");
  EXPECT_EQ(percent_decode("%"), std::nullopt);
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
  EXPECT_EQ(percent_decode("%zz"), std::nullopt);
}

TEST(Text, PercentEncodingRoundTrips) {
  EXPECT_TRUE(rc::check("every byte string comes back", [](const std::string& text) {
    RC_ASSERT(percent_decode(percent_encode_path(text)) == text);
  }));
}

TEST(Text, Base64RoundTrips) {
  EXPECT_EQ(base64_encode("alice:x"), "YWxpY2U6eA==");
  EXPECT_EQ(base64_decode("a"), std::nullopt);
  EXPECT_EQ(base64_decode("!!!!"), std::nullopt);
  EXPECT_TRUE(rc::check("every byte string comes back", [](const std::string& text) {
    RC_ASSERT(base64_decode(base64_encode(text)) == text);
  }));
}

TEST(Text, NumbersAreWholeOrNothing) {
  EXPECT_EQ(to_int64("42"), 42);
  EXPECT_EQ(to_int64("-3"), -3);
  EXPECT_EQ(to_int64("42 "), std::nullopt);
  EXPECT_EQ(to_int64(""), std::nullopt);
  EXPECT_EQ(to_int64("9223372036854775808"), std::nullopt);
  EXPECT_EQ(to_int64_truncated("1700000000.99"), 1700000000);
  EXPECT_EQ(to_int64_truncated("1.x"), std::nullopt);
  EXPECT_EQ(to_int64_truncated("1e9"), std::nullopt);
}

TEST(Text, TrimAndCase) {
  EXPECT_EQ(trim(" \ta b \r\n"), "a b");
  EXPECT_EQ(trim("  "), "");
  EXPECT_TRUE(equal_ignoring_case("ETag", "etag"));
  EXPECT_FALSE(equal_ignoring_case("ETag", "etags"));
}

TEST(Text, TheSearchKeyIsTheSameWhereverALetterStands) {
  std::string ascii;
  for (char each = 1; each != 127; ++each) ascii += each;
  EXPECT_EQ(search_key(ascii), lower_ascii(ascii));
  for (std::size_t size = 0; size < 27; ++size) {
    std::string around = ascii.substr('A' - 1, size);
    for (std::size_t at = 0; at <= size; ++at) {
      std::string before = around.substr(0, at);
      std::string after = around.substr(at);
      EXPECT_EQ(search_key(before + "É" + after), lower_ascii(before) + "e" + lower_ascii(after));
      EXPECT_EQ(search_key(before + "ŒÉ" + after),
                lower_ascii(before) + "oee" + lower_ascii(after));
      EXPECT_EQ(search_key(before + "☀" + after), lower_ascii(before) + "☀" + lower_ascii(after));
    }
  }
}

TEST(SearchKey, ForgetsCaseAndAccentsWhicheverWayItIsMade) {
  EXPECT_EQ(search_key("Été à la MER"), "ete a la mer");
  EXPECT_EQ(search_key("e\u0301te\u0301"), "ete");
  EXPECT_EQ(search_key("Œuf, ÆON, straße, ÿ, Č"), "oeuf, aeon, strasse, y, c");
  EXPECT_EQ(search_key("Été à la plage ☀"), "ete a la plage ☀");
  EXPECT_EQ(search_key("МОРЕ"), "море");
  EXPECT_EQ(search_key("\xC3"), "\xC3");
  std::string out = "kept ";
  append_search_key(out, "É");
  EXPECT_EQ(out, "kept e");
}

TEST(Sought, IsInATextWhenItsKeyIsInTheKeyOfTheText) {
  const std::vector<std::string> letters{
      "a",    "E", "e", "é", "É", "e\u0301", "œ",      "Œ", "ß", "9", " ", std::string(1, '\0'),
      "ɐ",    "ø", "☀", "İ", "K", "ﬁ",       "\u00AD", "s", "S", "o", "O", "\xFF",
      "\xC3", "М", "м", "i", "k", "f"};
  auto word = [&](std::size_t most) {
    std::string out;
    auto size = *rc::gen::inRange<std::size_t>(0, most);
    for (std::size_t i = 0; i < size; ++i) out += *rc::gen::elementOf(letters);
    return out;
  };
  std::string scratch;
  bool held = rc::check([&] {
    std::string text = word(12);
    std::string key = search_key(word(4));
    bool there = search_key(text).find(key) != std::string::npos;
    RC_ASSERT(Sought(key).in(text, scratch) == there);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace essaim::text
