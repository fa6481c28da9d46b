// A connection, and the loop where it lives: what every request of it shares. Everything here but
// the counters is used on that loop's thread only.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/fd.h"
#include "platform/http_server/internal/buffer.h"
#include "platform/http_server/internal/networks.h"
#include "platform/http_server/server.h"
#include "platform/loop/answer.h"
#include "platform/loop/loop.h"
#include "platform/loop/task.h"
#include "platform/loop/workers.h"

namespace essaim::http_server {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;

// What all loops share; outlives them.
struct Shared {
  Limits limits;
  Networks trusted_proxies;
  loop::Workers* workers = nullptr;
  std::atomic<std::int64_t> connections_open = 0;
  std::atomic<std::int64_t> connections_accepted = 0;
  std::atomic<std::int64_t> connections_refused = 0;
  // Told when the last connection closes.
  std::mutex mutex;
  std::condition_variable emptied;
};

// One of connections_max; counted from the accept to the close.
class Seat {
 public:
  explicit Seat(Shared& shared) : shared_(&shared) { shared.connections_open.fetch_add(1); }
  Seat(Seat&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  Seat& operator=(Seat&&) = delete;
  ~Seat();

 private:
  Shared* shared_;
};

// Where connections come in.
struct Door {
  Application* application = nullptr;
  std::string fixed_host;
};

// One request from its admission to its last byte. Shared with the callbacks given to the
// application, which may come late; the task and they are the only owners.
struct Exchange {
  explicit Exchange(const loop::Mailbox& home) : admission(home), response(home) {}
  http::RequestHead head;
  loop::Answer<Admission> admission;
  loop::Answer<http::Response> response;
  SteadyTime begun;
  int status = 0;
  ByteCount sent = 0;
};

struct Connection;

// One loop and its connections.
class Home {
 public:
  Home(Shared& shared, int number);
  ~Home();

  // Any thread.
  // Ends the loop and joins its thread; there must be no connection left. Again: does nothing.
  void end();
  loop::Loop& loop() { return loop_; }
  Shared& shared() { return shared_; }
  const Limits& limits() const { return shared_.limits; }
  std::atomic<std::int64_t> requests = 0;
  std::atomic<std::int64_t> bytes_in = 0;
  std::atomic<std::int64_t> bytes_out = 0;

  // Loop thread from here on.
  // Starts to serve an accepted socket.
  void adopt(Seat seat, UniqueFd fd, std::string peer, const Door& door);
  bool stopping() const { return stopping_; }
  // Closes idle connections; the others end after their request.
  void begin_stop();
  // Cuts every connection and ends every wait for the application.
  void force_stop();
  // The Date header of this second.
  std::string_view date();
  // 16 hexadecimal digits, unlike any other.
  std::string new_request_id();

 private:
  friend struct Connection;
  void watch_deadlines();
  void sweep();

  Shared& shared_;
  loop::Loop loop_;
  loop::TaskSet tasks_;
  asio::steady_timer sweeper_;
  Duration sweep_every_;
  std::vector<Connection*> connections_;
  bool stopping_ = false;
  bool ended_ = false;
  std::uint64_t id_state_;
  std::int64_t date_second_ = -1;
  std::string date_;
};

struct Connection {
  Connection(Home& home_, const Door& door_, Seat seat_, UniqueFd fd, std::string peer_);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static constexpr SteadyTime kNever = SteadyTime::max();

  int fd() { return socket.native_handle(); }
  // Ends it now: the next read or write fails.
  void cut();
  // Ends it so that the peer is told something went wrong: a reset instead of an orderly end.
  void abort();

  Seat seat;
  Home& home;
  const Door& door;
  // One type for TCP and Unix sockets; Asio only tells when it is ready, the calls are our own.
  asio::generic::stream_protocol::socket socket;
  std::string peer;
  Buffer in;
  // A wait that lasts longer is ended by the sweeper. Set while a wait is under way.
  SteadyTime deadline = kNever;
  bool expired = false;  // by the sweeper, until the wait sees it
  bool idle = false;     // between requests
  bool lost = false;     // cut, or its peer is gone
  bool closing = false;  // no further request
  int requests = 0;
  ByteCount burst = 0;                 // bytes moved without letting other connections run
  std::shared_ptr<Exchange> exchange;  // the one under way; shared as said there
  std::size_t index = 0;               // in home.connections_
};

// Whose turn a body worker takes for it: that of the host that was asked, so that many bodies of
// one host do not hold up another's.
inline std::string_view group_of(const Connection& c) {
  return c.exchange ? std::string_view(c.exchange->head.host) : std::string_view();
}

// In session.cc: serves requests until the connection ends.
loop::Task<> serve(std::unique_ptr<Connection> connection);

}  // namespace essaim::http_server
