// Listening sockets: TCP, Unix, or passed by socket activation.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/fd.h"

namespace essaim::http_server {

struct Listener {
  UniqueFd fd;  // non-blocking, listening
  // "127.0.0.1:43211" with the real port; empty for a Unix socket.
  std::string tcp_address;
  // A Unix socket's file, removed by remove_file(); empty else.
  std::string unix_path;
  dev_t unix_device = 0;
  ino_t unix_inode = 0;
};

// Opens "127.0.0.1:8080", "[::1]:8080", "unix:/path" (mode bits `mode`) or "systemd:0". A stale
// socket file is replaced; one that a process still answers on is left alone. Errors: bad_request
// (cannot be read), io (taken, not passed, not allowed).
Result<Listener> open_listener(const std::string& address, unsigned mode);

// Removes the file of a Unix socket, unless another process has put its own there meanwhile.
void remove_file(const Listener& listener);

// The IP address of the peer of an accepted socket, or "unix".
std::string peer_address(int fd);

}  // namespace essaim::http_server
