// The running server.
#pragma once

#include <string>
#include <vector>

#include "base/core/error.h"

namespace essaim::main {

// What the command line says; empty: what the settings say.
struct ServeOptions {
  std::string data;
  std::vector<std::string> listen;
  std::string default_space;
  std::vector<std::string> trusted_proxies;
};

// Serves until SIGTERM, SIGINT or SIGHUP. The error's detail is the line for standard error.
Result<void> serve(const ServeOptions& options);

}  // namespace essaim::main
