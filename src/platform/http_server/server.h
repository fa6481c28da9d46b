// Sockets to requests and responses to sockets: HTTP/1.1 and 1.0 (RFC 9110, 9112) on Boost.Beast.
//
// One acceptor deals connections to one event loop per core. A loop thread parses heads, keeps
// deadlines and sends; it never runs application code, SQL or disk writes. The application is asked
// twice: admit() after the head and before the body, handle() when the body is complete. Both
// answer by a callback, from any thread. TLS and HTTP/2 belong to the proxy in front.
//
// Bodies. A body of known length up to `memory_body_max` is kept in memory; any other goes to the
// sink that the admission names, in pieces of `body_piece` bytes, on a body worker. With `Expect:
// 100-continue` a refusal comes instead of `100`; without it the refusal is sent at once and the
// rest of the body is read and thrown away, up to `discard_max` bytes or `discard_time`, then the
// connection closes (the desktop client never sends Expect and reports "Unknown error" otherwise).
// A body that ends within these limits leaves the connection open.
//
// What cannot be understood, or could be understood in two ways, is refused with 400, 431, 501 or
// 505 before the application hears of it, and the connection closes: a head over the limits, two
// lengths, bad chunks, no Host. A body that is cut short or comes too slowly is refused with 400 or
// 408 and never reaches handle().
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/time/clock.h"
#include "formats/http/message.h"

namespace essaim::http_server {

struct Limits {
  ByteCount head_max = 32 * kKiB;         // request line and headers; beyond: 431
  int headers_max = 200;                  // header fields of a request; beyond: 431
  ByteCount memory_body_max = 64 * kKiB;  // bodies up to this are kept in memory
  ByteCount body_piece = 256 * kKiB;      // bytes handed to a sink at a time
  ByteCount discard_max = 64 * kMiB;      // body bytes thrown away after a refusal
  Duration discard_time{30'000};
  Duration linger_time{2'000};         // after an answer that ends the connection, for it to arrive
  Duration head_time{20'000};          // from the first byte of a request to the end of its head
  Duration idle_time{65'000};          // keep-alive without a request
  ByteCount body_rate_min = 1 * kKiB;  // bytes per second, averaged over body_rate_window
  Duration body_rate_window{30'000};
  Duration send_stall{60'000};   // no byte taken by the client for this long: close
  int connections_max = 20'000;  // beyond: accepted and closed at once
  int requests_per_connection_max = 100'000;
  Duration drain_time{20'000};  // graceful stop: time for requests in flight
};

// What the application decided about a head.
struct Admission {
  // Set: sent at once, handle() is not called.
  std::optional<http::Response> refusal;
  // Where a body goes that does not fit in memory, or has no known length. Null: a body of unknown
  // length is kept in memory as far as it fits there, and what does not fit is refused with 413.
  std::unique_ptr<http::BodySink> sink;
  // Send the body to `sink` even when it is small; an empty one too: finish() is then all it hears.
  bool always_sink = false;
  // Larger bodies are refused with 413, before they are read when the length is known.
  ByteCount body_max = 64 * kKiB;
};

// What throws is answered 500 and logged; so is a callback that is dropped without having been
// called. A callback may come after its connection, or the server, is gone: it then does nothing.
class Application {
 public:
  virtual ~Application() = default;
  // Called on a loop thread: must return at once; the work goes elsewhere. `head` stays valid until
  // `done` has been called. Called for every request, with or without a body.
  virtual void admit(const http::RequestHead& head, Done<Admission> done) = 0;
  // Called on a loop thread with the complete request: must return at once. A sink that failed is
  // handed over at once, with the error in the request; the rest of the body is thrown away.
  virtual void handle(http::Request request, Done<http::Response> done) = 0;
  // Called on a loop thread after the last byte was sent (or the connection was lost): for the log
  // and the counters: once for every call of admit(). `status` is 0 when no answer was sent; `sent`
  // counts the bytes of head and body; `took` begins with the end of the head.
  virtual void finished(const http::RequestHead& head, int status, ByteCount sent,
                        std::chrono::microseconds took) = 0;
};

// "127.0.0.1:8080", "[::1]:8080", "unix:/path", "systemd:0" (a socket passed by socket activation).
struct Listen {
  std::string address;
  Application* application = nullptr;
  // Unix sockets: file mode bits.
  unsigned mode = 0600;
  // Not empty: requests carry this host, whatever they say ("operator" on the operator's socket).
  std::string fixed_host = {};
};

struct Options {
  std::vector<Listen> listen;
  int loops = 0;         // 0: one per core
  int body_workers = 2;  // threads that write bodies to sinks and pull sources
  // Addresses or networks ("127.0.0.0/8", "::1") whose X-Forwarded-For, -Proto and -Host are
  // believed; "unix" for the peers of Unix sockets.
  std::vector<std::string> trusted_proxies;
  Limits limits;
};

struct Counters {
  std::int64_t connections_open = 0;
  std::int64_t connections_accepted = 0;
  std::int64_t connections_refused = 0;
  std::int64_t requests = 0;
  std::int64_t bytes_in = 0;
  std::int64_t bytes_out = 0;
};

class Server {
 public:
  // Binds and listens, starts the threads, makes the process ignore SIGPIPE. Errors: io (address
  // taken, socket not passed), bad_request (an address it cannot read).
  static Result<std::unique_ptr<Server>> start(Options options);
  // Stops at once if stop() was not called.
  ~Server();

  // Stops accepting, finishes the requests in flight within drain_time, closes idle connections,
  // and returns when every thread has ended.
  void stop();
  // The bound TCP addresses with the real port ("127.0.0.1:43211" when port 0 was asked for).
  std::vector<std::string> addresses() const;
  Counters counters() const;

 private:
  Server();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::http_server
