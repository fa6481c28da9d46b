// The folder a server keeps everything in: made by `init`, held by one server at a time.
//   essaim.conf   settings            secret.key    32 random bytes as hex, mode 0600
//   fleet.db      the registry        spaces/       one directory per space
//   essaim.lock   held while a server runs          essaim.sock   the operator's socket
#pragma once

#include <string>

#include "base/core/error.h"
#include "base/core/fd.h"
#include "base/secrets/secrets.h"
#include "server/config/config.h"

namespace essaim::main {

// The absolute path of a folder that may not exist yet.
std::string absolute(const std::string& folder);

// Makes the folder (mode 0700) and the files a server starts from. A crash half way is made good by
// running it again. Errors: exists (it is initialised), bad_request (domain), io.
Result<void> init_data_folder(const std::string& folder, const std::string& domain);

// Error: not_found, with the command that helps.
Result<config::Config> read_settings(const std::string& folder);
// Errors: not_found, forbidden (others may read it), corrupt, io.
Result<secrets::Key> read_key(const std::string& folder);
// The lock of a running server; it ends with the process. Errors: locked (with the id of the
// process that has it), io.
Result<UniqueFd> lock_data_folder(const std::string& folder);

// The operator's socket as a path short enough for a socket address (107 bytes). `folder_fd` may
// come to hold the folder open: keep it as long as the path is used. Error: io.
struct SocketPath {
  std::string path;
  UniqueFd folder_fd;
};
Result<SocketPath> socket_path(const std::string& folder);

}  // namespace essaim::main
