// Bytes in and out of a connection: the system calls are made at once, and a task waits only when
// the socket is not ready. Every wait has a deadline.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/core/types.h"
#include "platform/http_server/internal/connection.h"
#include "platform/loop/task.h"

namespace essaim::http_server {

enum class Trouble : std::uint8_t {
  none,
  ended,      // the peer sends no more
  timed_out,  // the deadline passed
  lost,       // the connection is broken, or was cut
};

enum class Direction : std::uint8_t { in, out };

// Returns when the socket can be read or written.
loop::Task<Trouble> ready(Connection& c, Direction direction, SteadyTime deadline);

struct Received {
  std::size_t bytes = 0;  // at least one when there is no trouble
  Trouble trouble = Trouble::none;
};
// Reads what is there, or waits for it.
loop::Task<Received> receive(Connection& c, std::span<char> room, SteadyTime deadline);

// Acknowledges what has come, at once. CLIENT: the desktop sends the head of a PUT alone, and its
// system holds the body back (Nagle) until the head is acknowledged, which ours would put off for
// 40 ms.
void acknowledge(Connection& c);

// Up to three pieces to be sent as one. Borrowed: they stay where they are until sent.
struct Outgoing {
  std::array<iovec, 3> parts{};
  std::size_t count = 0;
  bool more_follows = false;  // do not send a small packet yet

  void add(std::string_view bytes);
  // Takes off what was sent; false when nothing is left.
  bool advance(std::size_t sent);
};

// Sends everything; false when the connection is lost or the client takes nothing for send_stall.
// `sent` counts what was taken.
loop::Task<bool> send_all(Connection& c, Outgoing& out, ByteCount& sent);

// Sends a part of a file with sendfile(2). False too when the file is shorter than that.
loop::Task<bool> send_file(Connection& c, int file, ByteCount offset, ByteCount length,
                           ByteCount& sent);

// Ends our side and reads on for linger_time, so that what was sent is not lost with a connection
// that is closed on unread bytes (RFC 9112 §9.6).
loop::Task<> linger(Connection& c);

}  // namespace essaim::http_server
