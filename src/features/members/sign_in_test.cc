// App tokens, sessions and log-in flows: what opens, for how long, and what ends what.
#include <gtest/gtest.h>

#include "features/members/flows.h"
#include "features/members/internal/testing.h"
#include "features/members/sessions.h"

namespace essaim::members {
namespace {

using std::chrono::minutes;
class SignIn : public internal::MembersFixture {};

TEST_F(SignIn, ATokenOpensUntilItIsEnded) {
  auto tx = turn();
  auto given = give_token(tx, key_, lea_.id, "phone", TokenShape::typed);
  ASSERT_TRUE(given);
  auto found = find_token(tx, key_, given->secret);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, given->id);
  EXPECT_EQ(found->member, lea_.id);
  EXPECT_EQ(found->created, clock_.now());
  EXPECT_FALSE(found->wipe);
  EXPECT_EQ(find_token(tx, secrets::random_key(), given->secret).error().code, Code::not_found);
  EXPECT_TRUE(end_token(tx, lea_.id, given->id));
  EXPECT_EQ(find_token(tx, key_, given->secret).error().code, Code::not_found);
}

TEST_F(SignIn, NobodyEndsOrWipesTheTokenOfAnother) {
  auto marc = member("marc");
  auto tx = turn();
  auto given = give_token(tx, key_, lea_.id, "phone", TokenShape::app);
  ASSERT_TRUE(given);
  EXPECT_EQ(end_token(tx, marc.id, given->id).error().code, Code::not_found);
  EXPECT_EQ(wipe_token(tx, marc.id, given->id).error().code, Code::not_found);
  EXPECT_FALSE(find_token(tx, key_, given->secret)->wipe);
  EXPECT_TRUE(wipe_token(tx, lea_.id, given->id));
  EXPECT_TRUE(find_token(tx, key_, given->secret)->wipe);
}

TEST_F(SignIn, TokensAreListedNewestFirstAndLimited) {
  auto tx = turn();
  for (int i = 0; i < kTokensPerMemberMax; ++i) {
    ASSERT_TRUE(add_token(tx, key_, lea_.id, "n" + std::to_string(i)));
  }
  EXPECT_EQ(add_token(tx, key_, lea_.id, "one more").error().code, Code::too_many);
  auto list = tokens_of(tx, lea_.id);
  ASSERT_EQ(list.size(), static_cast<std::size_t>(kTokensPerMemberMax));
  EXPECT_EQ(list.front().name, "n199");
  EXPECT_EQ(list.back().name, "n0");
}

TEST_F(SignIn, ASessionEndsWhenNobodyUsesIt) {
  auto first = turn();
  auto secret = start_session(first, key_, lea_.id, "Firefox");
  EXPECT_EQ(find_session(first, key_, secret)->agent, "Firefox");
  clock_.advance(kSessionIdle - minutes(1));
  auto used = turn();
  auto session = find_session(used, key_, secret);
  ASSERT_TRUE(session);
  touch_session(used, session->id);
  clock_.advance(kSessionIdle - minutes(1));
  auto kept = turn();
  EXPECT_TRUE(find_session(kept, key_, secret));
  clock_.advance(minutes(1));
  auto idle = turn();
  EXPECT_EQ(find_session(idle, key_, secret).error().code, Code::not_found);
  EXPECT_TRUE(sessions_of(idle, lea_.id).empty());
  EXPECT_EQ(sweep_sessions(idle, 10), 1);
}

TEST_F(SignIn, ASessionEndsAfterItsLifeHoweverMuchItIsUsed) {
  auto tx = turn();
  auto secret = start_session(tx, key_, lea_.id, "Firefox");
  for (Duration lived{0}; lived < kSessionLife; lived += std::chrono::hours(24)) {
    auto now = turn();
    auto session = find_session(now, key_, secret);
    ASSERT_TRUE(session);
    touch_session(now, session->id);
    clock_.advance(std::chrono::hours(24));
  }
  auto late = turn();
  EXPECT_EQ(find_session(late, key_, secret).error().code, Code::not_found);
}

TEST_F(SignIn, OneSessionTooManyEndsTheLeastUsed) {
  auto tx = turn();
  auto oldest = start_session(tx, key_, lea_.id, "oldest");
  std::string last;
  for (int i = 0; i < kSessionsPerMemberMax; ++i) {
    clock_.advance(minutes(1));
    auto now = turn();
    last = start_session(now, key_, lea_.id, "later");
  }
  auto now = turn();
  EXPECT_EQ(sessions_of(now, lea_.id).size(), static_cast<std::size_t>(kSessionsPerMemberMax));
  EXPECT_EQ(find_session(now, key_, oldest).error().code, Code::not_found);
  EXPECT_TRUE(find_session(now, key_, last));
}

TEST_F(SignIn, ANewPasswordEndsSessionsAndNoTokens) {
  auto marc = member("marc");
  auto tx = turn();
  auto session = start_session(tx, key_, lea_.id, "Firefox");
  auto other = start_session(tx, key_, marc.id, "Firefox");
  auto token = add_token(tx, key_, lea_.id, "phone");
  ASSERT_TRUE(token);
  set_password(tx, lea_.id, "y");
  EXPECT_EQ(find_session(tx, key_, session).error().code, Code::not_found);
  EXPECT_TRUE(find_session(tx, key_, other));
  EXPECT_TRUE(find_token(tx, key_, *token));
}

TEST_F(SignIn, OnesOwnNewPasswordKeepsTheSessionItWasTypedIn) {
  auto tx = turn();
  auto here = start_session(tx, key_, lea_.id, "Firefox");
  auto elsewhere = start_session(tx, key_, lea_.id, "Safari");
  auto token = add_token(tx, key_, lea_.id, "phone");
  change_own_password(tx, lea_.id, "y", find_session(tx, key_, here)->id);
  EXPECT_EQ(*password_hash(tx, lea_.id), "y");
  EXPECT_TRUE(find_session(tx, key_, here));
  EXPECT_FALSE(find_session(tx, key_, elsewhere));
  EXPECT_TRUE(find_token(tx, key_, *token));
}

TEST_F(SignIn, ADisabledAccountHasNoSessions) {
  auto tx = turn();
  auto session = start_session(tx, key_, lea_.id, "Firefox");
  set_disabled(tx, lea_.id, true);
  EXPECT_EQ(find_session(tx, key_, session).error().code, Code::not_found);
}

TEST_F(SignIn, NobodyEndsTheSessionOfAnother) {
  auto marc = member("marc");
  auto tx = turn();
  auto secret = start_session(tx, key_, lea_.id, "Firefox");
  auto id = find_session(tx, key_, secret)->id;
  EXPECT_EQ(end_session(tx, marc.id, id).error().code, Code::not_found);
  EXPECT_TRUE(end_session(tx, lea_.id, id));
  EXPECT_EQ(find_session(tx, key_, secret).error().code, Code::not_found);
}

TEST_F(SignIn, AFlowGivesItsTokenOnce) {
  auto tx = turn();
  auto flow = start_flow(tx, key_, "mirall");
  ASSERT_TRUE(flow);
  EXPECT_NE(flow->poll, flow->link);
  EXPECT_EQ(take_flow(tx, key_, flow->poll).error().code, Code::not_found) << "nobody agreed yet";
  EXPECT_EQ(*flow_client(tx, key_, flow->link), "mirall");
  EXPECT_EQ(flow_client(tx, key_, flow->poll).error().code, Code::not_found);
  ASSERT_TRUE(grant_flow(tx, key_, flow->link, lea_));
  EXPECT_EQ(grant_flow(tx, key_, flow->link, lea_).error().code, Code::not_found) << "one shot";
  EXPECT_EQ(take_flow(tx, key_, flow->link).error().code, Code::not_found);
  auto granted = take_flow(tx, key_, flow->poll);
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->login, "lea");
  auto token = find_token(tx, key_, granted->token);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->name, "mirall");
  EXPECT_EQ(take_flow(tx, key_, flow->poll).error().code, Code::not_found);
}

TEST_F(SignIn, TheWaitingTokenIsNotInTheDatabase) {
  auto tx = turn();
  auto flow = start_flow(tx, key_, "mirall");
  ASSERT_TRUE(flow);
  std::string token(72, 'T');
  ASSERT_TRUE(grant_flow_with(tx, key_, flow->link, "lea", token));
  auto rows = tx.query(R"sql(SELECT poll_hash || link_hash || sealed FROM login_flow)sql");
  ASSERT_TRUE(rows.next());
  auto blob = rows.blob(0);
  std::string kept(reinterpret_cast<const char*>(blob.data()), blob.size());
  for (const auto& secret : {flow->poll, flow->link, token}) {
    EXPECT_EQ(kept.find(secret.substr(0, 8)), std::string::npos);
  }
}

TEST_F(SignIn, AFlowLivesTwentyMinutes) {
  auto tx = turn();
  auto waiting = start_flow(tx, key_, "a");
  auto granted = start_flow(tx, key_, "b");
  ASSERT_TRUE(waiting && granted);
  ASSERT_TRUE(grant_flow(tx, key_, granted->link, lea_));
  clock_.advance(kFlowLife - minutes(1));
  auto before = turn();
  EXPECT_TRUE(flow_client(before, key_, waiting->link));
  clock_.advance(minutes(1));
  auto late = turn();
  EXPECT_EQ(flow_client(late, key_, waiting->link).error().code, Code::not_found);
  EXPECT_EQ(grant_flow(late, key_, waiting->link, lea_).error().code, Code::not_found);
  EXPECT_EQ(take_flow(late, key_, granted->poll).error().code, Code::not_found);
  ASSERT_EQ(tokens_of(late, lea_.id).size(), 1u);
  EXPECT_EQ(sweep_flows(late, 10), 2);
  EXPECT_TRUE(tokens_of(late, lea_.id).empty()) << "nobody fetched it";
}

TEST_F(SignIn, OpenFlowsAreLimitedAndOldOnesMakeRoom) {
  space_.database().script("BEGIN");
  auto tx = turn();
  for (int i = 0; i < kFlowsMax; ++i) ASSERT_TRUE(start_flow(tx, key_, "a"));
  EXPECT_EQ(start_flow(tx, key_, "a").error().code, Code::too_many);
  clock_.advance(kFlowLife);
  auto late = turn();
  EXPECT_TRUE(start_flow(late, key_, "a"));
  space_.database().script("COMMIT");
}

}  // namespace
}  // namespace essaim::members
