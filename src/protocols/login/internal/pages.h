// The texts of pages/, compiled in.
#pragma once

#include <string_view>

namespace essaim::login::pages {

extern const std::string_view apptoken;
extern const std::string_view consent;
extern const std::string_view done;
extern const std::string_view flow;
extern const std::string_view log_in;
extern const std::string_view log_out;
extern const std::string_view new_token;
extern const std::string_view recovery_codes;
extern const std::string_view second_factor;
extern const std::string_view security;
extern const std::string_view set_up;
extern const std::string_view wipe;

}  // namespace essaim::login::pages
