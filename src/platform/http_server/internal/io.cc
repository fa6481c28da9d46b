#include "platform/http_server/internal/io.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/log/log.h"

namespace essaim::http_server {
namespace {

// After moving this much without a wait, other connections get their turn.
constexpr ByteCount kBurst = 1 * kMiB;
// Bytes asked of one sendfile(2).
constexpr ByteCount kSendfileMost = 512 * kKiB;
constexpr std::size_t kLingerRoom = 16 * 1024;

bool would_wait() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

void count_burst(Connection& c, ByteCount bytes) {
  c.burst += bytes;
}

bool burst_is_over(Connection& c) {
  if (c.burst < kBurst) return false;
  c.burst = 0;
  return true;
}

}  // namespace

loop::Task<Trouble> ready(Connection& c, Direction direction, SteadyTime deadline) {
  if (c.lost) co_return Trouble::lost;
  c.burst = 0;
  c.deadline = deadline;
  boost::system::error_code error;
  auto type =
      direction == Direction::in ? asio::socket_base::wait_read : asio::socket_base::wait_write;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await c.socket.async_wait(type, token);
  c.deadline = Connection::kNever;
  bool expired = std::exchange(c.expired, false);
  if (c.lost) co_return Trouble::lost;
  if (expired) co_return Trouble::timed_out;
  co_return error ? Trouble::lost : Trouble::none;
}

loop::Task<Received> receive(Connection& c, std::span<char> room, SteadyTime deadline) {
  for (;;) {
    if (c.lost) co_return Received{0, Trouble::lost};
    ssize_t count = ::recv(c.fd(), room.data(), room.size(), 0);
    if (count > 0) {
      c.home.bytes_in.fetch_add(count, std::memory_order_relaxed);
      count_burst(c, count);
      if (burst_is_over(c)) co_await loop::yield();
      co_return Received{static_cast<std::size_t>(count), Trouble::none};
    }
    if (count == 0) co_return Received{0, Trouble::ended};
    if (errno == EINTR) continue;
    if (!would_wait()) {
      c.lost = true;
      co_return Received{0, Trouble::lost};
    }
    Trouble trouble = co_await ready(c, Direction::in, deadline);
    if (trouble != Trouble::none) co_return Received{0, trouble};
  }
}

void acknowledge(Connection& c) {
  // Holds until the next packet goes out. A Unix socket refuses it, and has no such delay.
  int on = 1;
  (void)::setsockopt(c.fd(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

void Outgoing::add(std::string_view bytes) {
  if (bytes.empty()) return;
  // sendmsg(2) does not write through it.
  parts[count++] = {const_cast<char*>(bytes.data()), bytes.size()};
}

bool Outgoing::advance(std::size_t sent) {
  std::size_t whole = 0;
  while (whole < count && sent >= parts[whole].iov_len) sent -= parts[whole++].iov_len;
  std::rotate(parts.begin(), parts.begin() + whole, parts.end());
  count -= whole;
  if (count == 0) return false;
  parts[0].iov_base = static_cast<char*>(parts[0].iov_base) + sent;
  parts[0].iov_len -= sent;
  return true;
}

loop::Task<bool> send_all(Connection& c, Outgoing& out, ByteCount& sent) {
  while (out.count > 0) {
    if (c.lost) co_return false;
    msghdr message{};
    message.msg_iov = out.parts.data();
    message.msg_iovlen = out.count;
    int flags = MSG_NOSIGNAL | (out.more_follows ? MSG_MORE : 0);
    ssize_t count = ::sendmsg(c.fd(), &message, flags);
    if (count >= 0) {
      sent += count;
      c.home.bytes_out.fetch_add(count, std::memory_order_relaxed);
      count_burst(c, count);
      if (!out.advance(static_cast<std::size_t>(count))) break;
      continue;
    }
    if (errno == EINTR) continue;
    if (!would_wait()) {
      c.lost = true;
      co_return false;
    }
    Trouble trouble =
        co_await ready(c, Direction::out, SteadyClock::now() + c.home.limits().send_stall);
    if (trouble != Trouble::none) co_return false;
  }
  if (burst_is_over(c)) co_await loop::yield();
  co_return true;
}

loop::Task<bool> send_file(Connection& c, int file, ByteCount offset, ByteCount length,
                           ByteCount& sent) {
  off_t position = offset;
  while (length > 0) {
    if (c.lost) co_return false;
    ssize_t count = ::sendfile(c.fd(), file, &position,
                               static_cast<std::size_t>(std::min(length, kSendfileMost)));
    if (count > 0) {
      length -= count;
      sent += count;
      c.home.bytes_out.fetch_add(count, std::memory_order_relaxed);
      count_burst(c, count);
      if (burst_is_over(c)) co_await loop::yield();
      continue;
    }
    if (count == 0) {
      // The answer promised more than the file holds: only a cut connection can still say so.
      log::error("file-shorter-than-promised", {{"offset", position}, {"missing", length}});
      co_return false;
    }
    if (errno == EINTR) continue;
    if (!would_wait()) {
      if (errno != EPIPE && errno != ECONNRESET) log::error("sendfile", {{"errno", errno}});
      c.lost = true;
      co_return false;
    }
    Trouble trouble =
        co_await ready(c, Direction::out, SteadyClock::now() + c.home.limits().send_stall);
    if (trouble != Trouble::none) co_return false;
  }
  co_return true;
}

loop::Task<> linger(Connection& c) {
  if (c.lost) co_return;
  ::shutdown(c.fd(), SHUT_WR);
  const Limits& limits = c.home.limits();
  SteadyTime deadline = SteadyClock::now() + limits.linger_time;
  ByteCount left = limits.discard_max;
  c.in.release();
  while (left > 0) {
    std::span<char> room = c.in.room(kLingerRoom);
    Received received = co_await receive(c, room, deadline);
    if (received.trouble != Trouble::none || SteadyClock::now() > deadline) co_return;
    left -= static_cast<ByteCount>(received.bytes);
  }
}

}  // namespace essaim::http_server
