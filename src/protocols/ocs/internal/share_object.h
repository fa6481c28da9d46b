// One share as the API shows it.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string_view>

#include "features/shares/shares.h"
#include "protocols/call/call.h"

namespace essaim::ocs::internal {

// Types of the share API.
inline constexpr std::int64_t kToMember = 0;
inline constexpr std::int64_t kToGroup = 1;

// None: the caller does not reach the node any more.
std::optional<boost::json::object> share_object(store::ReadTx& tx, const call::Call& call,
                                                const shares::Share& share);
// Of one that the caller has left, who does not reach its node: what it is called and who made it.
boost::json::object left_object(store::ReadTx& tx, const shares::Share& share);
// "2027-06-14": until the end of that day, where the people live. Error: bad_request.
Result<Instant> end_of_day(std::string_view date);

}  // namespace essaim::ocs::internal
