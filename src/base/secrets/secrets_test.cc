#include "base/secrets/secrets.h"

#include <gtest/gtest.h>

#include "base/secrets/digest.h"

namespace essaim::secrets {
namespace {

class Secrets : public testing::Test {
 protected:
  static void SetUpTestSuite() { initialize(); }
};

TEST_F(Secrets, DigestsAreThePublishedOnes) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  auto hex = [](DigestType type, std::string_view text) {
    Digest digest(type);
    for (char c : text) digest.update(std::as_bytes(std::span(&c, 1)));
    return digest.hex();
  };
  EXPECT_EQ(hex(DigestType::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(DigestType::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex(DigestType::adler32, "Wikipedia"), "11e60398");
}

TEST_F(Secrets, APasswordVerifiesAndAnotherDoesNot) {
  std::string encoded = hash_password("correct horse");
  EXPECT_TRUE(encoded.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(verify_password(encoded, "correct horse"));
  EXPECT_FALSE(verify_password(encoded, "correct hors"));
  EXPECT_FALSE(verify_password("not a hash", "correct horse"));
  EXPECT_NE(hash_password("correct horse"), encoded);
}

TEST_F(Secrets, AKeyedHashDependsOnKeyAndText) {
  Key one = random_key();
  Key two = random_key();
  EXPECT_EQ(keyed_hash(one, "token"), keyed_hash(one, "token"));
  EXPECT_NE(keyed_hash(one, "token"), keyed_hash(two, "token"));
  EXPECT_NE(keyed_hash(one, "token"), keyed_hash(one, "tokeN"));
}

TEST_F(Secrets, RandomTokensKeepTheirAlphabetAndLength) {
  std::string token = random_alnum(72);
  EXPECT_EQ(token.size(), 72u);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
      std::string::npos);
  EXPECT_NE(random_alnum(72), token);
  EXPECT_EQ(random_hex(8).find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST_F(Secrets, ATypedPasswordHasFiveGroupsWithoutLookAlikes) {
  std::string password = random_typable();
  ASSERT_EQ(password.size(), 29u);
  for (std::size_t i = 0; i < password.size(); ++i) EXPECT_EQ(password[i] == '-', i % 6 == 5);
  EXPECT_EQ(password.find_first_of("0O1lIuvUV"), std::string::npos);
  EXPECT_NE(random_typable(), password);
}

TEST_F(Secrets, WhatIsSealedOpensWithItsSecretAlone) {
  std::string secret = random_alnum(128);
  std::string sealed = seal(sealing_key(secret), "an app token");
  EXPECT_EQ(sealed.find("token"), std::string::npos);
  EXPECT_EQ(unseal(secret, sealed), "an app token");
  EXPECT_EQ(unseal(random_alnum(128), sealed), std::nullopt);
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  EXPECT_EQ(unseal(secret, sealed), std::nullopt);
  EXPECT_EQ(unseal(secret, "short"), std::nullopt);
  EXPECT_EQ(unseal(secret, seal(sealing_key(secret), "")), "");
}

TEST_F(Secrets, EqualComparesWholeStrings) {
  EXPECT_TRUE(equal("a", "a"));
  EXPECT_FALSE(equal("a", "ab"));
  EXPECT_FALSE(equal("a", "b"));
}

}  // namespace
}  // namespace essaim::secrets
