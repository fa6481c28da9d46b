#include "platform/http_server/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log/log.h"
#include "platform/http_server/internal/connection.h"
#include "platform/http_server/internal/listener.h"

namespace essaim::http_server {
namespace {

// Connections taken from one listening socket before others get their turn.
constexpr int kAcceptsPerTurn = 64;
// Out of descriptors or memory: wait before the next try, as the socket stays readable.
constexpr Duration kAcceptPause{100};

}  // namespace

// Takes connections from one listening socket and deals them to the loops in turn. Lives on the
// first loop.
class Acceptor {
 public:
  Acceptor(Shared& shared, std::vector<std::unique_ptr<Home>>& homes, Door door, Listener listener)
      : shared_(shared),
        homes_(homes),
        door_(std::move(door)),
        listener_(std::move(listener)),
        socket_(homes.front()->loop().context(), listener_.fd.get()),
        pause_(homes.front()->loop().context()) {}
  ~Acceptor() { socket_.release(); }

  const Listener& listener() const { return listener_; }

  // Loop thread.
  void wait() {
    if (closed_) return;
    socket_.async_wait(asio::posix::descriptor_base::wait_read,
                       [this](const boost::system::error_code& error) {
                         if (!error) accept_some();
                       });
  }

  // Loop thread. Connections that wait in the kernel's queue are refused by it.
  void close() {
    closed_ = true;
    remove_file(listener_);
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    pause_.cancel();
    socket_.release();
    listener_.fd.reset();
  }

 private:
  void accept_some() {
    for (int i = 0; i < kAcceptsPerTurn && !closed_; ++i) {
      UniqueFd fd(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (fd) {
        deal(std::move(fd));
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
      log::error("accept", {{"errno", errno}});
      pause_.expires_after(kAcceptPause);
      pause_.async_wait([this](const boost::system::error_code& error) {
        if (!error) accept_some();
      });
      return;
    }
    wait();
  }

  void deal(UniqueFd fd) {
    shared_.connections_accepted.fetch_add(1);
    if (shared_.connections_open.load() >= shared_.limits.connections_max) {
      shared_.connections_refused.fetch_add(1);
      return;
    }
    std::string peer = peer_address(fd.get());
    if (peer.empty()) return;  // gone already
    int on = 1;
    if (peer != "unix") ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    Home& home = *homes_[next_++ % homes_.size()];
    home.loop().post(
        [this, &home, seat = Seat(shared_), fd = std::move(fd), peer = std::move(peer)]() mutable {
          home.adopt(std::move(seat), std::move(fd), std::move(peer), door_);
        });
  }

  Shared& shared_;
  std::vector<std::unique_ptr<Home>>& homes_;
  Door door_;
  Listener listener_;
  asio::posix::stream_descriptor socket_;
  asio::steady_timer pause_;
  std::size_t next_ = 0;
  bool closed_ = false;
};

struct Server::Impl {
  ~Impl() {
    // First the threads, then what they used; an acceptor's socket belongs to the first loop.
    for (auto& home : homes) home->end();
    if (workers) workers->finish();
    acceptors.clear();
  }

  Result<void> open(const Options& options);
  void stop(Duration drain);
  bool wait_until_empty(std::optional<Duration> most);

  Shared shared;
  std::unique_ptr<loop::Workers> workers;
  std::vector<std::unique_ptr<Home>> homes;
  std::vector<std::unique_ptr<Acceptor>> acceptors;
  std::mutex stop_mutex;
  bool stopped = false;
};

Result<void> Server::Impl::open(const Options& options) {
  shared.limits = options.limits;
  shared.trusted_proxies = TRY(Networks::parse(options.trusted_proxies));
  std::vector<Listener> listeners;
  for (const Listen& listen : options.listen) {
    if (listen.application == nullptr) return fail(Code::bad_request, "no application");
    auto listener = open_listener(listen.address, listen.mode);
    if (!listener) {
      for (const auto& opened : listeners) remove_file(opened);
      return tl::unexpected(std::move(listener.error()));
    }
    listeners.push_back(std::move(*listener));
  }
  workers = std::make_unique<loop::Workers>(std::max(1, options.body_workers), "http-body");
  shared.workers = workers.get();
  int loops = options.loops > 0
                  ? options.loops
                  : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  for (int i = 0; i < loops; ++i) homes.push_back(std::make_unique<Home>(shared, i));
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    Door door{options.listen[i].application, options.listen[i].fixed_host};
    acceptors.push_back(
        std::make_unique<Acceptor>(shared, homes, std::move(door), std::move(listeners[i])));
  }
  homes.front()->loop().run([this] {
    for (auto& acceptor : acceptors) acceptor->wait();
  });
  return {};
}

bool Server::Impl::wait_until_empty(std::optional<Duration> most) {
  std::unique_lock lock(shared.mutex);
  auto empty = [this] { return shared.connections_open.load() == 0; };
  if (most) return shared.emptied.wait_for(lock, *most, empty);
  shared.emptied.wait(lock, empty);
  return true;
}

void Server::Impl::stop(Duration drain) {
  std::lock_guard lock(stop_mutex);
  if (std::exchange(stopped, true) || homes.empty()) return;
  homes.front()->loop().run([this] {
    for (auto& acceptor : acceptors) acceptor->close();
  });
  for (auto& home : homes) home->loop().run([&home] { home->begin_stop(); });
  if (!wait_until_empty(drain)) {
    for (auto& home : homes) home->loop().run([&home] { home->force_stop(); });
    wait_until_empty(std::nullopt);
  }
  for (auto& home : homes) home->end();
  workers->finish();
}

Server::Server() : impl_(std::make_unique<Impl>()) {}

Result<std::unique_ptr<Server>> Server::start(Options options) {
  // A client that leaves during sendfile(2) must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<Server> server(new Server());
  TRY_VOID(server->impl_->open(options));
  return server;
}

Server::~Server() {
  impl_->stop(Duration::zero());
}

void Server::stop() {
  impl_->stop(impl_->shared.limits.drain_time);
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> result;
  for (const auto& acceptor : impl_->acceptors) {
    const std::string& address = acceptor->listener().tcp_address;
    if (!address.empty()) result.push_back(address);
  }
  return result;
}

Counters Server::counters() const {
  Counters counters;
  counters.connections_open = impl_->shared.connections_open;
  counters.connections_accepted = impl_->shared.connections_accepted;
  counters.connections_refused = impl_->shared.connections_refused;
  for (const auto& home : impl_->homes) {
    counters.requests += home->requests;
    counters.bytes_in += home->bytes_in;
    counters.bytes_out += home->bytes_out;
  }
  return counters;
}

}  // namespace essaim::http_server
