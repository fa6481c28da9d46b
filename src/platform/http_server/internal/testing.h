// For the tests of this module: a client that sends bytes as they are, and an application made of
// functions.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/core/fd.h"
#include "formats/http/text.h"
#include "platform/http_server/server.h"
#include "platform/loop/workers.h"

namespace essaim::http_server::testing {

struct Answered {
  int status = 0;  // 0: the connection ended first
  std::string head;
  std::string body;
  bool cut = false;  // the body ended before it should

  std::string field(std::string_view name) const {
    std::string_view rest = head;
    while (!rest.empty()) {
      auto end = rest.find("\r\n");
      std::string_view line = rest.substr(0, end);
      auto colon = line.find(':');
      if (colon != std::string_view::npos && http::same_word(line.substr(0, colon), name)) {
        return std::string(http::trim(line.substr(colon + 1)));
      }
      if (end == std::string_view::npos) break;
      rest = rest.substr(end + 2);
    }
    return {};
  }
};

class Client {
 public:
  // "127.0.0.1:8080" or "unix:/path".
  explicit Client(const std::string& address, int receive_buffer = 0) {
    bool local = address.starts_with("unix:");
    fd_ = UniqueFd(socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    timeval most{10, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
    setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
    if (receive_buffer > 0) {
      setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    if (local) {
      sockaddr_un name{};
      name.sun_family = AF_UNIX;
      address.copy(name.sun_path, sizeof(name.sun_path) - 1, 5);
      connected_ = connect(fd_.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0;
      return;
    }
    auto colon = address.rfind(':');
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &name.sin_addr);
    connected_ = connect(fd_.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0;
  }

  bool connected() const { return connected_; }
  int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }
  void end_sending() { shutdown(fd_.get(), SHUT_WR); }

  // False when the connection broke.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  // One answer; `head_only` for an answer to HEAD. 100 Continue is an answer of its own.
  Answered read(bool head_only = false) {
    Answered answered;
    std::size_t end = std::string::npos;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return answered;
    }
    answered.head = in_.substr(0, end + 2);
    in_.erase(0, end + 4);
    answered.status = std::stoi(answered.head.substr(9, 3));
    bool none =
        head_only || answered.status < 200 || answered.status == 204 || answered.status == 304;
    if (none) return answered;
    if (answered.field("Transfer-Encoding") == "chunked") {
      read_chunks(answered);
    } else if (std::string length = answered.field("Content-Length"); !length.empty()) {
      read_exactly(answered, std::stoul(length));
    } else {
      while (fill()) continue;
      answered.body = std::exchange(in_, {});
    }
    return answered;
  }

  Answered ask(std::string_view request) {
    send(request);
    return read();
  }

  // Whether the server ends the connection, with nothing more to read.
  bool ended() { return in_.empty() && !fill() && in_.empty(); }

 private:
  bool fill() {
    std::string piece(65536, '\0');
    ssize_t count = recv(fd_.get(), piece.data(), piece.size(), 0);
    if (count <= 0) return false;
    in_.append(piece, 0, static_cast<std::size_t>(count));
    return true;
  }

  void read_exactly(Answered& answered, std::size_t length) {
    while (in_.size() < length && fill()) continue;
    answered.cut = in_.size() < length;
    answered.body += in_.substr(0, length);
    in_.erase(0, length);
  }

  void read_chunks(Answered& answered) {
    for (;;) {
      std::size_t end = std::string::npos;
      while ((end = in_.find("\r\n")) == std::string::npos) {
        if (!fill()) {
          answered.cut = true;
          return;
        }
      }
      std::size_t length = std::stoul(in_.substr(0, end), nullptr, 16);
      in_.erase(0, end + 2);
      read_exactly(answered, length);
      Answered line_end;
      read_exactly(line_end, 2);
      answered.cut = answered.cut || line_end.body != "\r\n";
      if (length == 0 || answered.cut) return;
    }
  }

  UniqueFd fd_;
  bool connected_ = false;
  std::string in_;
};

// What a sink of the tests saw; outlives it.
struct SinkLog {
  std::string bytes;
  std::vector<std::size_t> pieces;
  bool finished = false;
  std::atomic<bool> destroyed = false;
  std::function<Result<void>(std::span<const std::byte>)> on_write;
  std::function<Result<void>()> on_finish;
};

class TestSink final : public http::BodySink {
 public:
  explicit TestSink(std::shared_ptr<SinkLog> log) : log_(std::move(log)) {}
  ~TestSink() override { log_->destroyed = true; }
  Result<void> write(std::span<const std::byte> bytes) override {
    if (log_->on_write) TRY_VOID(log_->on_write(bytes));
    log_->bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    log_->pieces.push_back(bytes.size());
    return {};
  }
  Result<void> finish() override {
    if (log_->on_finish) TRY_VOID(log_->on_finish());
    log_->finished = true;
    return {};
  }

 private:
  std::shared_ptr<SinkLog> log_;  // shared with the test, which looks at it afterwards
};

class TestSource final : public http::Source {
 public:
  explicit TestSource(std::function<Result<std::string>()> next) : next_(std::move(next)) {}
  Result<std::string> next() override { return next_(); }

 private:
  std::function<Result<std::string>()> next_;
};

inline http::Response text_response(std::string body, int status = 200) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// Answers from threads of its own, as the real one does; or in place, when `threads` is 0.
class TestApplication final : public Application {
 public:
  explicit TestApplication(int threads = 2) : threads_(threads), workers_(threads, "app") {}

  std::function<Admission(const http::RequestHead&)> on_admit = [](const http::RequestHead&) {
    return Admission{};
  };
  std::function<http::Response(http::Request)> on_handle = [](http::Request request) {
    return text_response(request.head.method + " " + request.head.path + " " + request.body);
  };

  struct Finished {
    std::string path;
    int status;
    ByteCount sent;
  };
  std::vector<Finished> finished_ones() {
    std::lock_guard lock(mutex_);
    return finished_;
  }
  std::atomic<int> admitted = 0;
  std::atomic<int> handled = 0;

  void admit(const http::RequestHead& head, Done<Admission> done) override {
    ++admitted;
    later([this, &head, done = std::move(done)]() mutable { done(on_admit(head)); });
  }
  void handle(http::Request request, Done<http::Response> done) override {
    ++handled;
    later([this, request = std::move(request), done = std::move(done)]() mutable {
      done(on_handle(std::move(request)));
    });
  }
  void finished(const http::RequestHead& head, int status, ByteCount sent,
                std::chrono::microseconds) override {
    std::lock_guard lock(mutex_);
    finished_.push_back({head.path, status, sent});
  }
  // Ends its threads: before the objects that its functions use go.
  void finish() { workers_.finish(); }

 private:
  void later(std::move_only_function<void()> work) {
    if (threads_ == 0) {
      work();
    } else {
      workers_.run("", std::move(work));
    }
  }

  int threads_;
  loop::Workers workers_;
  std::mutex mutex_;
  std::vector<Finished> finished_;
};

// A server on a free port with one TestApplication.
struct Running {
  explicit Running(Limits limits = {}, int threads = 2) : application(threads) {
    options.listen.push_back({"127.0.0.1:0", &application});
    options.loops = 2;
    options.limits = limits;
  }
  ~Running() {
    server.reset();
    application.finish();
  }

  void start() { server = std::move(Server::start(std::move(options)).value()); }
  std::string address() const { return server->addresses().at(0); }
  Client connect() {
    if (!server) start();
    return Client(address());
  }

  TestApplication application;
  Options options;
  std::unique_ptr<Server> server;
};

// Waits for something that another thread is about to bring; false after ten seconds.
template <class Condition>
bool soon(const Condition& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace essaim::http_server::testing
