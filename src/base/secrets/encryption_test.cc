#include "base/secrets/encryption.h"

#include <gtest/gtest.h>

namespace essaim::secrets {
namespace {

class Encryption : public testing::Test {
 protected:
  void SetUp() override { initialize(); }
};

TEST_F(Encryption, WhatIsEncryptedOpensWithItsKeyAndPurposeAlone) {
  Key key = random_key();
  std::string kept = encrypt(key, "member 1", "a secret");
  EXPECT_EQ(kept.find("secret"), std::string::npos);
  EXPECT_EQ(decrypt(key, "member 1", kept), "a secret");
  EXPECT_EQ(decrypt(key, "member 2", kept), std::nullopt);
  EXPECT_EQ(decrypt(random_key(), "member 1", kept), std::nullopt);
  EXPECT_NE(encrypt(key, "member 1", "a secret"), kept);
  kept.back() = static_cast<char>(kept.back() ^ 1);
  EXPECT_EQ(decrypt(key, "member 1", kept), std::nullopt);
  EXPECT_EQ(decrypt(key, "member 1", "short"), std::nullopt);
}

TEST_F(Encryption, AnHmacIsThePublishedOne) {
  // RFC 2202 §3, test case 2.
  std::string mac = hmac_sha1("Jefe", "what do ya want for nothing?");
  EXPECT_EQ(mac.substr(0, 4), "\xef\xfc\xdf\x6a");
  EXPECT_EQ(mac.size(), 20u);
}

TEST_F(Encryption, ACodeForPeopleHasNoLookAlikes) {
  EXPECT_EQ(random_easy(200).find_first_of("01ilouvABC-"), std::string::npos);
  EXPECT_EQ(random_bytes(20).size(), 20u);
}

}  // namespace
}  // namespace essaim::secrets
