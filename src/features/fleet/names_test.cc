#include "features/fleet/names.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace essaim::fleet {
namespace {

TEST(Names, a_slug_is_a_dns_label_of_at_most_forty) {
  for (const char* good : {"a", "voile", "club-2", "0", "a--b"}) EXPECT_TRUE(check_slug(good));
  EXPECT_TRUE(check_slug(std::string(40, 'a')));
  for (const char* bad : {"", "-a", "a-", "Voile", "a.b", "a_b", "é", "a b", "a/b", ".."}) {
    EXPECT_FALSE(check_slug(bad)) << bad;
  }
  EXPECT_FALSE(check_slug(std::string(41, 'a')));
  EXPECT_FALSE(check_slug(std::string_view("a\0b", 3)));
}

TEST(Names, a_display_name_is_text_on_one_line) {
  EXPECT_TRUE(check_display_name("Club de voile d'Étretat"));
  for (const char* bad : {"", "a\nb", "a\x7f", "\xff\xfe"}) EXPECT_FALSE(check_display_name(bad));
  EXPECT_FALSE(check_display_name(std::string(201, 'x')));
}

TEST(Names, a_host_has_one_spelling) {
  EXPECT_EQ(canonical_host("Voile.Example.ORG"), "voile.example.org");
  EXPECT_EQ(canonical_host("voile.example.org."), "voile.example.org");
  EXPECT_EQ(canonical_host("127.0.0.2"), "127.0.0.2");
  EXPECT_EQ(canonical_host("[0:0:0:0:0:0:0:1]"), "::1");
  EXPECT_EQ(canonical_host("2001:DB8:0::1"), "2001:db8::1");
  EXPECT_EQ(canonical_host("localhost"), "localhost");
}

TEST(Names, what_is_not_a_host_is_refused) {
  for (const char* bad :
       {"",      ".",         "a..b", "-a.org",        "a-.org", "a_b.org",      "127.1",
        "1.2.3", "256.1.1.1", "a:80", "127.0.0.1:80",  "[::1",   "::1]",         "[::1]:80",
        "é.org", "a b",       "a/b",  "*.example.org", "::g",    "fe80::1%eth0", "a.org..",
        "0x7f.1"}) {
    EXPECT_FALSE(canonical_host(bad)) << bad;
  }
  EXPECT_FALSE(canonical_host(std::string(64, 'a') + ".org"));
  std::string long_name;
  while (long_name.size() < 254) long_name += "abcdefg.";
  EXPECT_FALSE(canonical_host(long_name + "org"));
  EXPECT_FALSE(canonical_host(std::string_view("a\0.org", 6)));
}

TEST(Names, a_domain_is_a_name_and_not_an_address) {
  EXPECT_EQ(canonical_domain("Example.org"), "example.org");
  EXPECT_EQ(canonical_domain("localhost"), "localhost");
  EXPECT_FALSE(canonical_domain("127.0.0.1"));
  EXPECT_FALSE(canonical_domain("::1"));
  EXPECT_FALSE(canonical_domain("example.org:80"));
}

TEST(Names, space_ids_are_valid_and_do_not_repeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    auto id = new_space_id();
    EXPECT_TRUE(valid_space_id(id.value)) << id.value;
    EXPECT_TRUE(seen.insert(id.value).second);
  }
  for (const char* bad : {"", "abc", "../../../../../..", "ABCDEFGH01234567", "abcdefgh0123456/"}) {
    EXPECT_FALSE(valid_space_id(bad)) << bad;
  }
}

}  // namespace
}  // namespace essaim::fleet
