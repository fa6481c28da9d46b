// Second factor: which codes open, how often, and what is kept of them.
#include "features/members/second_factor.h"

#include <gtest/gtest.h>

#include "features/members/internal/testing.h"

namespace essaim::members {
namespace {

class SecondFactor : public internal::MembersFixture {
 protected:
  // The raw secret of a set-up.
  static std::string raw(std::string_view base32) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (char c : base32) {
      held = (held << 5) | static_cast<std::uint32_t>(kDigits.find(c));
      bits += 5;
      if (bits < 8) continue;
      bits -= 8;
      out.push_back(static_cast<char>(held >> bits));
    }
    return out;
  }
  std::string code(std::int64_t off = 0) const {
    return one_time_code(secret_, clock_.now().ms / kCodeStep.count() + off);
  }
  std::vector<std::string> turn_on() {
    auto tx = turn();
    secret_ = raw(*set_up_second_factor(tx, key_, lea_.id));
    auto codes = confirm_second_factor(tx, key_, lea_.id, code(-1));
    EXPECT_TRUE(codes);
    return *codes;
  }
  Code refused(const std::string& typed) {
    auto tx = turn();
    auto passed = pass_second_factor(tx, key_, lea_.id, typed);
    return passed ? Code::internal : passed.error().code;
  }
  bool passes(const std::string& typed) {
    auto tx = turn();
    return pass_second_factor(tx, key_, lea_.id, typed).has_value();
  }
  std::string secret_;
};

TEST(OneTimeCode, IsTheOneOfTheStandard) {
  // RFC 6238 appendix B, the last six of its eight digits.
  constexpr std::string_view kSecret = "12345678901234567890";
  EXPECT_EQ(one_time_code(kSecret, 59 / 30), "287082");
  EXPECT_EQ(one_time_code(kSecret, 1111111109 / 30), "081804");
  EXPECT_EQ(one_time_code(kSecret, 1111111111 / 30), "050471");
  EXPECT_EQ(one_time_code(kSecret, 1234567890 / 30), "005924");
  EXPECT_EQ(one_time_code(kSecret, 2000000000 / 30), "279037");
  EXPECT_EQ(one_time_code(kSecret, 20000000000 / 30), "353130");
}

TEST_F(SecondFactor, IsAskedForOnceTheFirstCodeHasCome) {
  auto tx = turn();
  EXPECT_EQ(second_step(tx, lea_.id, Role::member), SecondStep::none);
  auto secret = set_up_second_factor(tx, key_, lea_.id);
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->size(), 32u);
  EXPECT_EQ(*set_up_second_factor(tx, key_, lea_.id), *secret) << "a page loaded again";
  EXPECT_EQ(second_step(tx, lea_.id, Role::member), SecondStep::none);
  EXPECT_EQ(confirm_second_factor(tx, key_, lea_.id, "000").error().code, Code::unauthorized);
  secret_ = raw(*secret);
  auto codes = confirm_second_factor(tx, key_, lea_.id, code());
  ASSERT_TRUE(codes);
  EXPECT_EQ(codes->size(), static_cast<std::size_t>(kRecoveryCodes));
  EXPECT_EQ(second_step(tx, lea_.id, Role::member), SecondStep::code);
  EXPECT_EQ(set_up_second_factor(tx, key_, lea_.id).error().code, Code::exists);
  EXPECT_EQ(confirm_second_factor(tx, key_, lea_.id, code(1)).error().code, Code::not_found);
}

TEST_F(SecondFactor, ASetUpThatWasLeftBeginsAnew) {
  auto first = turn();
  auto secret = set_up_second_factor(first, key_, lea_.id);
  clock_.advance(kSetUpLife);
  auto later = turn();
  EXPECT_EQ(second_factor_waiting(later, key_, lea_.id).error().code, Code::not_found);
  EXPECT_NE(*set_up_second_factor(later, key_, lea_.id), *secret);
}

TEST_F(SecondFactor, ACodeIsTakenOnceAndMayBeOneStepOff) {
  turn_on();
  EXPECT_EQ(refused(code(-1)), Code::unauthorized) << "the one that turned it on";
  EXPECT_EQ(refused(code(2)), Code::unauthorized);
  EXPECT_TRUE(passes(code()));
  EXPECT_EQ(refused(code()), Code::unauthorized);
  EXPECT_TRUE(passes(code(1).insert(3, " "))) << "with a space in the middle";
  EXPECT_EQ(refused(code()), Code::unauthorized) << "none before one that was taken";
  clock_.advance(kCodeStep * 3);
  EXPECT_EQ(refused(code(-2)), Code::unauthorized);
  EXPECT_TRUE(passes(code()));
  EXPECT_EQ(refused(""), Code::unauthorized);
  EXPECT_EQ(refused("abcdef"), Code::unauthorized);
}

TEST_F(SecondFactor, ARecoveryCodeOpensOnce) {
  auto codes = turn_on();
  {
    auto tx = turn();
    EXPECT_EQ(*pass_second_factor(tx, key_, lea_.id, codes[3]), PassedBy::recovery_code);
    EXPECT_EQ(recovery_codes_left(tx, lea_.id), kRecoveryCodes - 1);
  }
  EXPECT_EQ(refused(codes[3]), Code::unauthorized);
  std::string bare = codes[4];
  std::erase(bare, '-');
  EXPECT_TRUE(passes(" " + bare));
  auto tx = turn();
  auto fresh = renew_recovery_codes(tx, key_, lea_.id);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(refused(codes[5]), Code::unauthorized) << "those of before are void";
  EXPECT_TRUE(passes((*fresh)[0]));
}

TEST_F(SecondFactor, NothingOfItCanBeReadInTheDatabase) {
  auto codes = turn_on();
  auto tx = turn();
  std::string kept;
  for (auto rows = tx.query(R"sql(
         SELECT secret FROM second_factor UNION ALL SELECT hash FROM recovery_code)sql");
       rows.next();) {
    auto blob = rows.blob(0);
    kept.append(reinterpret_cast<const char*>(blob.data()), blob.size());
  }
  EXPECT_EQ(kept.find(secret_.substr(0, 8)), std::string::npos);
  EXPECT_EQ(kept.find(codes[0].substr(0, 4)), std::string::npos);
  // Nor does it open with another key, or in the row of another.
  auto other = secrets::random_key();
  EXPECT_EQ(pass_second_factor(tx, other, lea_.id, code()).error().code, Code::corrupt);
  auto marc = member("marc");
  tx.execute(R"sql(UPDATE second_factor SET member_id = ?)sql", marc.id);
  EXPECT_EQ(pass_second_factor(tx, key_, marc.id, code()).error().code, Code::corrupt);
}

TEST_F(SecondFactor, TurnedOffItIsGone) {
  auto codes = turn_on();
  auto tx = turn();
  EXPECT_TRUE(end_second_factor(tx, lea_.id));
  EXPECT_FALSE(end_second_factor(tx, lea_.id));
  EXPECT_EQ(second_step(tx, lea_.id, Role::gestion), SecondStep::none);
  EXPECT_EQ(refused(codes[0]), Code::not_found);
  EXPECT_EQ(renew_recovery_codes(tx, key_, lea_.id).error().code, Code::not_found);
}

TEST_F(SecondFactor, CanBeDemandedOfGestion) {
  auto tx = turn();
  EXPECT_EQ(second_factor_demanded_of(tx), Demanded::nobody);
  demand_second_factor(tx, Demanded::gestion);
  EXPECT_EQ(second_step(tx, lea_.id, Role::gestion), SecondStep::set_up);
  EXPECT_EQ(second_step(tx, lea_.id, Role::member), SecondStep::none);
  turn_on();
  EXPECT_EQ(second_step(tx, lea_.id, Role::gestion), SecondStep::code);
  demand_second_factor(tx, *parse_demanded("nobody"));
  EXPECT_EQ(second_factor_demanded_of(tx), Demanded::nobody);
  EXPECT_EQ(second_step(tx, lea_.id, Role::gestion), SecondStep::code) << "one's own stays";
  EXPECT_EQ(parse_demanded("everybody").error().code, Code::bad_request);
}

}  // namespace
}  // namespace essaim::members
