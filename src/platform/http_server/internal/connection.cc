#include "platform/http_server/internal/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <random>
#include <utility>

#include "base/time/http_date.h"

namespace essaim::http_server {
namespace {

// Deadlines are looked at this often, or four times in the shortest of them.
constexpr Duration kSweepMost{500};
constexpr Duration kSweepLeast{10};

Duration sweep_interval(const Limits& limits) {
  Duration shortest = std::min({limits.head_time, limits.idle_time, limits.body_rate_window,
                                limits.send_stall, limits.discard_time, limits.linger_time});
  return std::clamp(shortest / 4, kSweepLeast, kSweepMost);
}

std::uint64_t random_seed() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

}  // namespace

Home::Home(Shared& shared, int number)
    : shared_(shared),
      loop_("http-" + std::to_string(number)),
      tasks_(loop_.context(), "connection"),
      sweeper_(loop_.context()),
      sweep_every_(sweep_interval(shared.limits)),
      id_state_(random_seed()) {
  loop_.post([this] { watch_deadlines(); });
}

Seat::~Seat() {
  if (shared_ == nullptr || shared_->connections_open.fetch_sub(1) != 1) return;
  std::lock_guard lock(shared_->mutex);
  shared_->emptied.notify_all();
}

Home::~Home() {
  end();
}

void Home::end() {
  loop_.post([this] {
    ended_ = true;
    sweeper_.cancel();
  });
  loop_.finish();
}

void Home::adopt(Seat seat, UniqueFd fd, std::string peer, const Door& door) {
  if (stopping_) return;
  auto connection =
      std::make_unique<Connection>(*this, door, std::move(seat), std::move(fd), std::move(peer));
  tasks_.spawn(serve(std::move(connection)));
}

void Home::begin_stop() {
  stopping_ = true;
  for (Connection* connection : connections_) {
    if (!connection->idle) continue;
    boost::system::error_code ignored;
    connection->socket.cancel(ignored);
  }
}

void Home::force_stop() {
  stopping_ = true;
  // Abandoning resumes a connection's task, which may end it: work on a copy of the list of
  // exchanges.
  std::vector<std::shared_ptr<Exchange>> exchanges;
  for (Connection* connection : connections_) {
    connection->cut();
    if (connection->exchange) exchanges.push_back(connection->exchange);
  }
  for (auto& exchange : exchanges) {
    exchange->admission.abandon();
    exchange->response.abandon();
  }
}

void Home::watch_deadlines() {
  sweeper_.expires_after(sweep_every_);
  sweeper_.async_wait([this](const boost::system::error_code& error) {
    if (error || ended_) return;
    sweep();
    watch_deadlines();
  });
}

void Home::sweep() {
  SteadyTime now = SteadyClock::now();
  for (Connection* connection : connections_) {
    if (connection->deadline > now) continue;
    connection->deadline = Connection::kNever;
    connection->expired = true;
    boost::system::error_code ignored;
    connection->socket.cancel(ignored);
  }
}

std::string_view Home::date() {
  Instant now = SystemClock().now();
  if (now.seconds() != date_second_) {
    date_second_ = now.seconds();
    date_ = format_http_date(now);
  }
  return date_;
}

std::string Home::new_request_id() {
  // SplitMix64: every state gives another number, and neighbours look unrelated.
  id_state_ += 0x9E3779B97F4A7C15;
  std::uint64_t mixed = id_state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  mixed ^= mixed >> 31;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string id(16, '0');
  for (char& digit : id) {
    digit = kHex[mixed & 15];
    mixed >>= 4;
  }
  return id;
}

Connection::Connection(Home& home_, const Door& door_, Seat seat_, UniqueFd fd, std::string peer_)
    : seat(std::move(seat_)),
      home(home_),
      door(door_),
      socket(home_.loop().context()),
      peer(std::move(peer_)),
      index(home_.connections_.size()) {
  int family = peer == "unix" ? AF_UNIX : AF_INET;  // Asio does not look at it
  socket.assign(asio::generic::stream_protocol(family, 0), fd.get());
  fd.release();
  home.connections_.push_back(this);
}

Connection::~Connection() {
  home.connections_.back()->index = index;
  std::swap(home.connections_[index], home.connections_.back());
  home.connections_.pop_back();
  boost::system::error_code ignored;
  socket.close(ignored);
}

void Connection::abort() {
  closing = true;
  lost = true;
  ::linger at_once{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void Connection::cut() {
  lost = true;
  boost::system::error_code ignored;
  socket.cancel(ignored);
}

}  // namespace essaim::http_server
