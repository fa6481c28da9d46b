// How a client finds us: the status page and the connectivity probe.
#pragma once

#include "protocols/call/call.h"

namespace essaim::login {

// The Nextcloud release whose behaviour we speak: in status.php and in the capabilities alike.
inline constexpr int kMajor = 32;
inline constexpr int kMinor = 0;
inline constexpr int kMicro = 3;
inline constexpr std::string_view kVersion = "32.0.3.2";
inline constexpr std::string_view kVersionString = "32.0.3";

// GET /status.php. Asked before anything else, by every client, without sign-in.
enum class Maintenance : bool { no, yes };
http::Response status(Maintenance maintenance);

// GET /index.php/204: clients tell a captive portal by any other answer.
http::Response no_content(const call::Call& call);

}  // namespace essaim::login
