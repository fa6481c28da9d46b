// Activity: what happened in a space, one row per event, whoever may read it.
//
// A row says what was known at the time. Who may see it is decided when it is read, by whoever
// reads: nothing here knows rights. Ids and times rise together, so that the order of ids is that
// of events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/types.h"
#include "base/time/clock.h"
#include "space/store/tx.h"

namespace essaim::notices {

using ActivityId = Id<struct ActivityTag>;

// The numbers are stored.
enum class Type : std::uint8_t {
  file_created = 1,  // folders too, as all of the file_ ones
  file_changed = 2,
  file_deleted = 3,
  file_restored = 4,  // out of the bin, or an older version
  file_moved = 5,     // or renamed: then Extra::old_name differs from the name
  shared = 6,         // with Extra::other or Extra::group
  unshared = 7,
  public_links = 8,  // a link was made
  comments = 9,
};
// "file_created": as Nextcloud's clients know it. Empty for a number of a later release.
std::string_view wire_name(Type type);

// What else is known of an event; empty: nothing.
struct Extra {
  std::string other = {};     // uid of another member
  std::string group = {};     // gid
  std::string old_name = {};  // before a move
  std::string label = {};     // of a link
};

struct Event {
  Type type = Type::file_changed;
  MemberId actor = {};  // none: nobody who signs in
  NodeId node = {};
  NodeId parent = {};       // the folder it is in; of what was deleted: the folder it was in
  std::string name = {};    // now; of what was deleted: then. Cut to kNameMax
  Extra extra = {};         // each cut to kNameMax
  MemberId recipient = {};  // none, or one member who sees it whatever becomes of their access
};

inline constexpr std::size_t kNameMax = 250;           // bytes
inline constexpr std::int64_t kActivityMax = 100'000;  // rows of a space, after a trim
inline constexpr Duration kActivityAge{std::chrono::hours(24 * 365)};
inline constexpr Duration kSameChange{std::chrono::hours(1)};
inline constexpr int kPageMax = 500;

// Adds one row. A file_changed of the same actor on the same node within kSameChange takes the
// place of the one before, so that a document saved every minute is one row, the newest.
// Cost: 1 statement, 2 for file_changed.
void record(store::WriteTx& tx, const Event& event);

struct Activity {
  ActivityId id;
  Instant at;
  Event event;
};

enum class Sort : std::uint8_t { newest_first, oldest_first };

// Which rows to read.
struct Page {
  ActivityId since = {};  // exclusive; none: from the first on
  int limit = 50;         // at most kPageMax
  Sort sort = Sort::newest_first;
  NodeId node = {};     // none: any
  MemberId actor = {};  // none: anyone. Only when there is no node
};
// Cost: 1 indexed read.
std::vector<Activity> activity(store::ReadTx& tx, const Page& page);
// The newest id that was ever given; none when nothing has happened.
ActivityId newest_activity(store::ReadTx& tx);

// Removes up to `count` rows that are older than kActivityAge or beyond kActivityMax. Returns how
// many; fewer than `count`: nothing is left to do. Cost: counts the rows.
int trim_activity(store::WriteTx& tx, int count);

}  // namespace essaim::notices
