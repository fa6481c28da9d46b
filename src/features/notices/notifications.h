// Notifications: what one member should know and can wave away. One row per reader.
//
// A row holds a key and parameters, never a sentence: the words are found in the reader's language
// when it is listed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "space/store/tx.h"

namespace essaim::notices {

using NotificationId = Id<struct NotificationTag>;

// Name and value, in the order of the sentence.
using Parameters = std::vector<std::pair<std::string, std::string>>;

enum class Method : std::uint8_t { get, post, put, remove, web };

// A button: the client sends the request itself, or opens a browser (`web`).
struct Action {
  std::string key;   // of its label
  std::string path;  // from the root of the host: "/ocs/v2.php/..."
  Method method = Method::post;
  bool primary = false;
};

enum class Repeat : std::uint8_t {
  always,
  once,  // not while the member has one of the same key about the same object
};

struct NewNotification {
  std::string app;          // "files_sharing"
  std::string key;          // of the sentence
  Parameters parameters;    // together at most kParametersMax bytes
  std::string object_type;  // what it is about: "comment"
  std::string object_id;
  std::string link;  // from the root of the host; empty: none
  std::vector<Action> actions = {};
  Repeat repeat = Repeat::always;
};

struct Notification {
  NotificationId id;
  NewNotification about;
  Instant created;
};

inline constexpr int kPerMemberMax = 500;                // the oldest go beyond
inline constexpr std::size_t kParametersMax = 8 * 1024;  // bytes, as JSON
inline constexpr std::size_t kActionsMax = 4;

// Error: too_large (parameters, actions). Cost: 2 statements, 3 with Repeat::once.
Result<void> notify(store::WriteTx& tx, MemberId member, const NewNotification& notification);

// Newest first, at most kPerMemberMax.
std::vector<Notification> notifications(store::ReadTx& tx, MemberId member);
// Of this member only. Error: not_found.
Result<Notification> notification(store::ReadTx& tx, MemberId member, NotificationId id);
// False when the member has no such one.
bool dismiss(store::WriteTx& tx, MemberId member, NotificationId id);
void dismiss_all(store::WriteTx& tx, MemberId member);
// What was about an object that is gone or answered: of everybody, or of one member.
void dismiss_object(store::WriteTx& tx, std::string_view object_type, std::string_view object_id);
void dismiss_object(store::WriteTx& tx, std::string_view object_type, std::string_view object_id,
                    MemberId member);

}  // namespace essaim::notices
