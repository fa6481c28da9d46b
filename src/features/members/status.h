// What people say about how to reach them just now: a status, and a message with an icon that may
// end by itself. A client that is open says every minute that somebody is there; without such a
// sign of life for kPresentFor a person is offline, whatever else is "online".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "space/store/tx.h"

namespace essaim::members {

enum class StatusKind : std::uint8_t {  // the numbers are stored
  online = 1,
  away = 2,
  dnd = 3,
  invisible = 4,  // the others see them as offline
  busy = 5,
  offline = 6,
};

inline constexpr Duration kPresentFor = std::chrono::minutes(5);
inline constexpr std::size_t kStatusMessageMax = 80;  // characters
inline constexpr std::size_t kStatusIconMax = 32;     // bytes: one emoji with all its parts

struct Status {
  MemberId member;
  StatusKind kind = StatusKind::offline;
  bool chosen = false;     // by the person, not by signs of life
  std::string message_id;  // of a ready-made message; its words depend on who reads
  std::string message;     // in their own words
  std::string icon;
  std::optional<Instant> clear_at;
  bool says_something() const { return !message_id.empty() || !message.empty() || !icon.empty(); }
};

// As it is now, a message that has ended left out. Never fails: who never said anything is offline.
Status status_of(store::ReadTx& tx, MemberId member);
// Of everybody who ever had one, by id; at most kMembersMax.
std::vector<Status> statuses(store::ReadTx& tx);
// What the others may see of it: nobody is invisible to them.
Status seen_by_others(Status status);

void set_status(store::WriteTx& tx, MemberId member, StatusKind kind);
// A sign of life; `kind` is online or away. Writes at most once a minute.
void note_present(store::WriteTx& tx, MemberId member, StatusKind kind);

// When a ready-made message ends by itself.
enum class Ends : std::uint8_t { never, after, end_of_day, end_of_week };
struct ReadyMessage {
  std::string_view id;
  std::string_view icon;
  std::string_view french;
  std::string_view english;
  Ends ends = Ends::never;
  std::int64_t after_s = 0;
};
std::span<const ReadyMessage> ready_messages();
const ReadyMessage* find_ready_message(std::string_view id);

// Error: bad_request: no such message, or `clear_at` has passed.
Result<void> say_ready_message(store::WriteTx& tx, MemberId member, std::string_view id,
                               std::optional<Instant> clear_at);
// Both empty: nothing. Error: bad_request: too long, control characters, an icon that is none, or
// `clear_at` has passed. The caller has checked that both are UTF-8.
Result<void> say_message(store::WriteTx& tx, MemberId member, std::string_view icon,
                         std::string_view message, std::optional<Instant> clear_at);
void say_nothing(store::WriteTx& tx, MemberId member);

}  // namespace essaim::members
