// Notifications and activity, as Nextcloud's clients ask for them. Base of the paths:
// /ocs/v{1,2}.php/apps/notifications/api/v2 and /ocs/v{1,2}.php/apps/activity/api/v2.
#pragma once

#include "protocols/call/call.h"

namespace essaim::ocs {

inline constexpr std::size_t kExistsMax = 200;         // ids in one question
inline constexpr std::size_t kShortMessageMax = 255;   // characters
inline constexpr std::size_t kLongMessageMax = 4'000;  // bytes
inline constexpr int kActivityGivenMax = 200;          // in one answer
inline constexpr int kActivityGivenDefault = 50;
// Rows looked at for one answer: most of them may be hidden from the caller.
inline constexpr int kActivityExaminedMax = 1'000;

// GET .../notifications: newest first; 304 when If-None-Match names what they are.
http::Response list_notifications(store::ReadTx& tx, const call::Call& call);
// GET .../notifications/{id}: 404 also for those of others.
http::Response get_notification(store::ReadTx& tx, const call::Call& call);
// POST .../notifications/exists with `ids`: those that are still there; 400 beyond kExistsMax.
http::Response notifications_exist(store::ReadTx& tx, const call::Call& call);
// DELETE .../notifications/{id}, and all of them.
call::Answer delete_notification(store::WriteTx& tx, const call::Call& call);
call::Answer delete_notifications(store::WriteTx& tx, const call::Call& call);
// POST .../admin_notifications/{uid} with shortMessage and longMessage: whoever looks after people
// writes to one of them. 403 for others, 404 for nobody.
call::Answer notify_member(store::WriteTx& tx, const call::Call& call);

// GET .../activity, .../activity/{filter} and .../activity/filter?object_type=files&object_id=:
// what the caller may see, newest first; 304 without a body at the end of the list.
http::Response activity(store::ReadTx& tx, const call::Call& call);
// GET .../activity/filters
http::Response activity_filters(store::ReadTx& tx, const call::Call& call);

}  // namespace essaim::ocs
