// Archives, checked field by field here and by Python's zipfile and unzip in tests/clients.
#include "formats/zip/zip.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "formats/zip/crc32.h"

namespace essaim::zip {
namespace {

std::int64_t number(const std::string& bytes, std::size_t at, int length) {
  std::int64_t out = 0;
  for (int i = length; i-- > 0;) {
    out = out << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  }
  return out;
}

TEST(Crc32, is_the_well_known_one) {
  std::string text = "123456789";
  EXPECT_EQ(crc32(0, std::as_bytes(std::span(text))), 0xcbf43926U);
  std::uint32_t in_parts = crc32(0, std::as_bytes(std::span(text).first(4)));
  EXPECT_EQ(crc32(in_parts, std::as_bytes(std::span(text).subspan(4))), 0xcbf43926U);
}

TEST(Zip, lengths_are_known_without_the_checksum) {
  constexpr ByteCount kSizes[] = {0, 1, 0xfffffffe, 0xffffffff, 0x100000000, 1LL << 40};
  for (ByteCount size : kSizes) {
    for (ByteCount offset : kSizes) {
      for (std::int64_t mtime : {std::int64_t{0}, std::int64_t{1} << 40, std::int64_t{-5}}) {
        Entry entry{"été/plan.pdf", size, 0x12345678, mtime};
        EXPECT_EQ(static_cast<ByteCount>(local_header(entry).size()), local_header_length(entry));
        EXPECT_EQ(static_cast<ByteCount>(central_header(entry, offset).size()),
                  central_header_length(entry, offset));
      }
    }
  }
}

TEST(Zip, what_fits_in_32_bits_stays_there) {
  Entry entry{"a.txt", 5, 0xcafe, 1'700'000'000};
  std::string local = local_header(entry);
  EXPECT_EQ(number(local, 0, 4), 0x04034b50);
  EXPECT_EQ(number(local, 8, 2), 0) << "stored";
  EXPECT_EQ(number(local, 14, 4), 0xcafe);
  EXPECT_EQ(number(local, 18, 4), 5);
  EXPECT_EQ(number(local, 28, 2), 9) << "the time alone";
  EXPECT_EQ(end_of_archive({3, 1'000, 200}).size(), 22U);
}

TEST(Zip, what_does_not_fit_has_its_64_bits) {
  Entry large{"big.bin", 5LL << 30, 1, 0};
  std::string local = local_header(large);
  EXPECT_EQ(number(local, 18, 4), 0xffffffff);
  std::size_t extra = 30 + large.path.size();
  EXPECT_EQ(number(local, extra, 2), 1);
  EXPECT_EQ(number(local, extra + 4, 8), 5LL << 30);
  Entry far{"far.txt", 5, 1, 0};
  std::string central = central_header(far, 6LL << 30);
  extra = 46 + far.path.size();
  EXPECT_EQ(number(central, 42, 4), 0xffffffff);
  EXPECT_EQ(number(central, extra + 2, 2), 8) << "the offset alone";
  EXPECT_EQ(number(central, extra + 4, 8), 6LL << 30);
  std::string end = end_of_archive({70'000, 6LL << 30, 7LL << 20});
  EXPECT_EQ(end.size(), 56U + 20U + 22U);
  EXPECT_EQ(number(end, 32, 8), 70'000);
  EXPECT_EQ(number(end, 48, 8), 6LL << 30);
}

TEST(Zip, dates_that_dos_does_not_know_become_its_first_or_last_day) {
  for (auto [mtime, year] : {std::pair{std::int64_t{0}, 1980}, {std::int64_t{1} << 40, 2107}}) {
    std::string local = local_header({"a", 0, 0, mtime});
    EXPECT_EQ((number(local, 12, 2) >> 9) + 1980, year);
  }
}

}  // namespace
}  // namespace essaim::zip
