// The audit: who did what to accounts, passwords, access and security, for ten years. It is only
// ever added to.
//
// Each row's hash is made with the fleet's key of the hash before it and of the row, and the end is
// sealed: whoever writes into the file by hand cannot change or remove a row without it showing.
// When a space comes from another fleet, whose key is not ours, the first row written here says
// that the journal was taken over; from then on what came along is guarded as well.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/secrets/secrets.h"
#include "base/time/clock.h"
#include "space/store/tx.h"

namespace essaim::members::audit {

enum class Action : std::uint8_t {
  signed_in,             // with a browser; by what is in the object
  second_factor_failed,  // a wrong code
  second_factor_on,
  second_factor_off,
  recovery_codes_renewed,
  second_factor_demanded,  // of whom is in the object
  password_changed,
  role_changed,
  token_given,
  token_ended,
  token_wiped,  // its device shall erase what it holds
  member_added,
  member_disabled,
  member_enabled,
  expiry_changed,  // until when a guest's account is open
  member_removed,  // and who takes over their files
  group_joined,    // of which group is in the object
  group_left,
  files_taken_over,  // who takes over the held files, of whom
  rights_changed,    // who may do what from now on, in which place of the space
  plan_changed,      // what the space may hold
  taken_over,        // a journal of another fleet
};
// The word on the wire and in the table: "signed-in".
std::string_view name(Action action);

inline constexpr std::string_view kOperator = "operator";
inline constexpr std::string_view kServer = "server";  // by itself: an end that is over
inline constexpr std::size_t kObjectMax = 300;         // bytes
inline constexpr std::size_t kAddressMax = 64;         // bytes
inline constexpr int kListMax = 500;                   // rows at once
inline constexpr Duration kKept = std::chrono::hours(24) * 36525 / 10;

struct Event {
  std::string_view actor;  // a uid, kOperator or kServer
  MemberId member = {};    // none: the operator or the server
  Action action = Action::signed_in;
  std::string object = {};   // what it was done to: a uid first. Cut to kObjectMax
  std::string_view address;  // where from; empty for the operator
};
// In the turn that does what it tells of. Cost: one read and two writes.
void record(store::WriteTx& tx, const secrets::Key& key, const Event& event);

struct Row {
  std::int64_t id = 0;
  Instant at;
  std::string actor;
  MemberId member;
  std::string action;
  std::string object;
  std::string address;
};
// Those after `since`, oldest first, at most `limit` (1 to kListMax).
std::vector<Row> list(store::ReadTx& tx, std::int64_t since, int limit);

// What is wrong with the chain, as lines for the operator; empty: nothing. Cost: reads all of it.
std::vector<std::string> verify(store::ReadTx& tx, const secrets::Key& key);

// Removes up to `most` rows that are kKept older than the newest, from the old end. Returns how
// many.
int trim(store::WriteTx& tx, const secrets::Key& key, int most);

}  // namespace essaim::members::audit
