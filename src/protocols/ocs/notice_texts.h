// The sentences of notifications and activity, French and English: the one table.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "features/notices/activity.h"
#include "features/notices/notifications.h"
#include "protocols/call/call.h"

namespace essaim::ocs {

// A sentence with {placeholders}, and what stands for each: {"type", "id", "name", ...}, all text.
struct Sentence {
  std::string rich;
  boost::json::object parameters;

  // With names in place of the placeholders.
  std::string plain() const;
  // Nextcloud's clients expect a list when there are no parameters.
  boost::json::value parameters_json() const;
};

// Accept-Language when the client says one, else the language of the account.
call::Language reader_language(const call::Call& call);

// Rich objects.
boost::json::object rich_user(std::string_view uid, std::string_view display);
boost::json::object rich_group(std::string_view gid, std::string_view display);
// `path` as the caller knows it, from the root of their files.
boost::json::object rich_file(const call::Call& call, NodeId node, std::string_view name,
                              std::string_view path);

// Who did it, seen by the reader.
enum class Who : std::uint8_t { self, other, nobody };
// Of an activity; `parameters` are named user, file, oldfile, other, label. What the sentence does
// not speak of is left out.
Sentence activity_sentence(const notices::Event& event, Who who, bool to_reader,
                           const boost::json::object& parameters, call::Language language);
// Of a notification: `app` and `key` choose it.
Sentence notification_sentence(std::string_view app, std::string_view key,
                               const boost::json::object& parameters, call::Language language);
// Of a button.
std::string_view action_label(std::string_view key, call::Language language);
// Of a filter of the activity: "all", "self", ...
std::string_view filter_label(std::string_view id, call::Language language);

// "2026-11-22T23:17:13+00:00"
std::string offset_time(Instant instant);

}  // namespace essaim::ocs
