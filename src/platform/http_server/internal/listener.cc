#include "platform/http_server/internal/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

#include "platform/http_server/internal/networks.h"

namespace essaim::http_server {
namespace {

constexpr int kBacklog = 4096;  // connections the kernel keeps for us; it may allow fewer
constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::string_view kSystemdPrefix = "systemd:";

tl::unexpected<Error> system_error(std::string_view what) {
  return fail(Code::io, std::string(what) + ": " + std::generic_category().message(errno));
}

std::optional<int> small_number(std::string_view digits, int most) {
  int value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool whole = !digits.empty() && end == digits.data() + digits.size();
  if (error != std::errc() || !whole || value < 0 || value > most) return std::nullopt;
  return value;
}

union SocketAddress {
  sockaddr any;
  sockaddr_in four;
  sockaddr_in6 six;
  sockaddr_un local;
  sockaddr_storage storage;
};

// "[::1]:8080" for an address of the kernel's; empty when it is not TCP.
std::string tcp_text(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.any.sa_family == AF_INET) {
    inet_ntop(AF_INET, &address.four.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(address.four.sin_port));
  }
  if (address.any.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &address.six.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(address.six.sin6_port));
  }
  return {};
}

std::string bound_address(int fd) {
  SocketAddress address{};
  socklen_t length = sizeof(address);
  if (getsockname(fd, &address.any, &length) != 0) return {};
  return tcp_text(address);
}

Result<Listener> open_tcp(const std::string& text) {
  auto colon = text.rfind(':');
  if (colon == std::string::npos) return fail(Code::bad_request, "listen address: " + text);
  auto port = small_number(std::string_view(text).substr(colon + 1), 65535);
  if (!port) return fail(Code::bad_request, "listen port: " + text);
  std::string host = text.substr(0, colon);
  SocketAddress address{};
  socklen_t length = 0;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    address.six.sin6_family = AF_INET6;
    address.six.sin6_port = htons(static_cast<std::uint16_t>(*port));
    length = sizeof(address.six);
    if (inet_pton(AF_INET6, host.c_str(), &address.six.sin6_addr) != 1) length = 0;
  } else {
    address.four.sin_family = AF_INET;
    address.four.sin_port = htons(static_cast<std::uint16_t>(*port));
    length = sizeof(address.four);
    if (inet_pton(AF_INET, host.c_str(), &address.four.sin_addr) != 1) length = 0;
  }
  if (length == 0) return fail(Code::bad_request, "listen address: " + text);

  Listener listener;
  listener.fd =
      UniqueFd(socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.fd) return system_error("socket");
  int on = 1;
  setsockopt(listener.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.any.sa_family == AF_INET6) {
    setsockopt(listener.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  if (bind(listener.fd.get(), &address.any, length) != 0) return system_error(text);
  if (listen(listener.fd.get(), kBacklog) != 0) return system_error(text);
  listener.tcp_address = bound_address(listener.fd.get());
  return listener;
}

// Whether the socket file is free to take: absent, or left behind by a process that is gone.
Result<void> clear_stale(const std::string& path, const SocketAddress& address) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return system_error(path);
  }
  if (!S_ISSOCK(status.st_mode)) return fail(Code::io, path + " is there and is not a socket");
  UniqueFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe) return system_error("socket");
  if (connect(probe.get(), &address.any, sizeof(address.local)) == 0 || errno != ECONNREFUSED) {
    return fail(Code::io, path + " is in use by another process");
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return system_error(path);
  return {};
}

Result<Listener> open_unix(const std::string& path, unsigned mode) {
  SocketAddress address{};
  address.local.sun_family = AF_UNIX;
  if (!path.starts_with('/') || path.size() >= sizeof(address.local.sun_path)) {
    return fail(Code::bad_request, "socket path: " + path);
  }
  std::memcpy(address.local.sun_path, path.c_str(), path.size() + 1);
  TRY_VOID(clear_stale(path, address));
  Listener listener;
  listener.fd = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.fd) return system_error("socket");
  // The mode goes on the socket first: the file is never more open than it should be. The umask may
  // have taken bits away, which chmod gives back.
  if (fchmod(listener.fd.get(), mode) != 0) return system_error(path);
  if (bind(listener.fd.get(), &address.any, sizeof(address.local)) != 0) return system_error(path);
  struct stat status {};
  if (chmod(path.c_str(), mode) != 0 || lstat(path.c_str(), &status) != 0 ||
      listen(listener.fd.get(), kBacklog) != 0) {
    auto error = system_error(path);
    unlink(path.c_str());
    return error;
  }
  listener.unix_path = path;
  listener.unix_device = status.st_dev;
  listener.unix_inode = status.st_ino;
  return listener;
}

// A socket that systemd opened for us (sd_listen_fds(3)). It is duplicated: the service manager's
// own stays open, so that connections wait for the next start instead of being refused.
Result<Listener> take_passed(std::string_view index) {
  constexpr int kIndexMax = 1000;
  auto number = small_number(index, kIndexMax);
  if (!number) return fail(Code::bad_request, "passed socket: " + std::string(index));
  if (*number >= sd_listen_fds(0)) {
    return fail(Code::io, "no socket " + std::string(index) + " was passed");
  }
  int passed = SD_LISTEN_FDS_START + *number;
  if (sd_is_socket(passed, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
    return fail(Code::io, "what was passed is not a listening stream socket");
  }
  Listener listener;
  listener.fd = UniqueFd(fcntl(passed, F_DUPFD_CLOEXEC, 0));
  if (!listener.fd) return system_error("passed socket");
  int flags = fcntl(listener.fd.get(), F_GETFL);
  if (flags < 0 || fcntl(listener.fd.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return system_error("passed socket");
  }
  listener.tcp_address = bound_address(listener.fd.get());
  return listener;
}

}  // namespace

Result<Listener> open_listener(const std::string& address, unsigned mode) {
  if (address.starts_with(kUnixPrefix)) return open_unix(address.substr(kUnixPrefix.size()), mode);
  if (address.starts_with(kSystemdPrefix)) {
    return take_passed(std::string_view(address).substr(kSystemdPrefix.size()));
  }
  return open_tcp(address);
}

void remove_file(const Listener& listener) {
  if (listener.unix_path.empty()) return;
  struct stat status {};
  if (lstat(listener.unix_path.c_str(), &status) != 0) return;
  if (status.st_dev != listener.unix_device || status.st_ino != listener.unix_inode) return;
  unlink(listener.unix_path.c_str());
}

std::string peer_address(int fd) {
  SocketAddress address{};
  socklen_t length = sizeof(address);
  if (getpeername(fd, &address.any, &length) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.any.sa_family == AF_UNIX) return "unix";
  if (address.any.sa_family == AF_INET) {
    inet_ntop(AF_INET, &address.four.sin_addr, text.data(), text.size());
  } else if (address.any.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &address.six.sin6_addr, text.data(), text.size());
  }
  return normal_address(text.data()).value_or("");
}

}  // namespace essaim::http_server
