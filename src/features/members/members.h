// The people of a space: accounts, passwords, app tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/secrets/secrets.h"
#include "base/time/clock.h"
#include "space/store/tx.h"

namespace essaim::members {

// What a person is in the space; the numbers are stored.
enum class Role : std::uint8_t {
  gestion = 1,   // decides about the space and its people
  member = 2,    // has files of their own
  referent = 3,  // looks after people and settings, and sees nobody's private files
  guest = 4,     // sees what somebody shared with them, and has no room of their own
};
// People who may add, change and remove others.
inline bool looks_after_people(Role role) {
  return role == Role::gestion || role == Role::referent;
}

struct Member {
  MemberId id;
  std::string uid;  // the DAV user name: case-exact, never changes
  std::string display;
  std::optional<std::string> email;
  Role role = Role::member;
  std::optional<ByteCount> quota_bytes;  // none: only the space's quota
  std::string locale;
  NodeId home;            // root of "Mes fichiers"; none until files::create_home
  bool disabled = false;  // by somebody, or `expires` is over: a closed account either way
  Instant created;
  std::optional<Instant> seen;
  std::optional<Instant> expires;  // of a guest: from then on the account is closed
};

struct NewMember {
  std::string uid;      // 1 to 64 of A-Za-z0-9 . _ - @ and space, no leading dot or space
  std::string display;  // empty: the uid
  std::optional<std::string> email;
  Role role = Role::member;
  std::optional<ByteCount> quota_bytes;
  std::string password_hash;  // from secrets::hash_password
};

inline constexpr int kMembersMax = 1'000;  // per space, guests too
inline constexpr int kTokensPerMemberMax = 200;
inline constexpr std::size_t kDisplayMax = 255;     // bytes
inline constexpr std::size_t kPasswordMin = 12;     // characters
inline constexpr std::size_t kPasswordMax = 1'024;  // bytes

// Error: bad_request with a reason a person can read, when a password is too short or too long.
Result<void> check_password(std::string_view password);

// Accounts that the plan of the space counts (store::accounts_max): of everybody but guests, closed
// ones too.
int accounts(store::ReadTx& tx);
// Errors: exists (uid or e-mail taken, without case), bad_request, too_many (also by the plan).
Result<Member> add(store::WriteTx& tx, const NewMember& member);
// Sorted by uid, at most kMembersMax.
std::vector<Member> list(store::ReadTx& tx);
// By uid, without case; the canonical uid is in the answer. Error: not_found.
Result<Member> find(store::ReadTx& tx, std::string_view uid);
Result<Member> find(store::ReadTx& tx, MemberId id);
// By what someone types to log in: uid or e-mail, without case. Error: not_found.
Result<Member> find_login(store::ReadTx& tx, std::string_view login);
// The encoded password; none when the account has none.
std::optional<std::string> password_hash(store::ReadTx& tx, MemberId id);

// Ends the member's sessions, never their app tokens.
void set_password(store::WriteTx& tx, MemberId id, std::string_view password_hash);
// A disabled account has no sessions; its tokens open nothing until it is enabled again.
// An end that is over goes when it is enabled.
void set_disabled(store::WriteTx& tx, MemberId id, bool disabled);
// When a guest's account ends; none: never. Whoever reads the member finds it disabled from that
// instant on, so that the gate refuses at once; end_expired() writes it down, once a day. Another
// end does not open what is closed, and another role takes the end away. Errors: not_found,
// conflict (no guest), bad_request (it is over already).
Result<void> set_expiry(store::WriteTx& tx, MemberId id, std::optional<Instant> end);
// Disables up to `most` accounts whose end is over, and tells the audit. Returns how many.
int end_expired(store::WriteTx& tx, const secrets::Key& key, int most);
void set_home(store::WriteTx& tx, MemberId id, NodeId home);
// With tokens, sessions and belongings. Their files are files/places.h's to hand over first.
void remove(store::WriteTx& tx, MemberId id);

// Error: conflict, when nobody else could decide about the space: this is the last account of role
// gestion that is not disabled.
Result<void> check_dispensable(store::ReadTx& tx, const Member& member);

// Errors: bad_request; exists (the e-mail of somebody else).
Result<void> set_display(store::WriteTx& tx, MemberId id, std::string_view display);
Result<void> set_email(store::WriteTx& tx, MemberId id, const std::optional<std::string>& email);
// None: only the space's quota.
Result<void> set_quota(store::WriteTx& tx, MemberId id, std::optional<ByteCount> bytes);
// "fr" or "en".
Result<void> set_locale(store::WriteTx& tx, MemberId id, std::string_view locale);
// files/places.h settles what follows for what they see. Errors: conflict as above, not_found,
// too_many (a guest who becomes more, when the plan has no account left).
Result<void> set_role(store::WriteTx& tx, MemberId id, Role role);

// App tokens: long random passwords, one for each device, shown once; only their keyed hash is
// kept. A password that changes leaves them alone: a sync client has no other secret.
enum class TokenShape : std::uint8_t {
  app,    // 72 characters of A-Za-z0-9
  typed,  // five groups of five, for people to type
};
struct GivenToken {
  TokenId id;
  std::string secret;
};
// `name` is cut to 100 bytes. Error: too_many.
Result<GivenToken> give_token(store::WriteTx& tx, const secrets::Key& key, MemberId id,
                              std::string_view name, TokenShape shape);
// The secret of a new one of shape `app`.
Result<std::string> add_token(store::WriteTx& tx, const secrets::Key& key, MemberId id,
                              std::string_view name);
struct Token {
  TokenId id;
  MemberId member;
  std::string name;
  Instant created;
  std::optional<Instant> used;
  // Its device shall erase what it holds: the token opens nothing any more, and is kept until the
  // device has said that it is done.
  bool wipe = false;
};
// Cost: one indexed read. Error: not_found.
Result<Token> find_token(store::ReadTx& tx, const secrets::Key& key, std::string_view secret);
// Newest first, at most kTokensPerMemberMax.
std::vector<Token> tokens_of(store::ReadTx& tx, MemberId id);
void touch_token(store::WriteTx& tx, TokenId id);
void remove_token(store::WriteTx& tx, TokenId id);
// Of this member only. Error: not_found.
Result<void> end_token(store::WriteTx& tx, MemberId member, TokenId id);
Result<void> wipe_token(store::WriteTx& tx, MemberId member, TokenId id);
// All of this member's devices.
void wipe_tokens(store::WriteTx& tx, MemberId member);

}  // namespace essaim::members
