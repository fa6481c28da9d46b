// Days where the people live: in the zone of Paris, with the clock changes of the European Union.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time/clock.h"

namespace essaim {

// "2027-06-14": the first instant after that day. None: it is no such date.
std::optional<Instant> end_of_local_day(std::string_view date);
// The day whose end that is: "2027-06-14".
std::string local_day_ending(Instant end);

}  // namespace essaim
