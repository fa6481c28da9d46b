// Starting, stopping, and the ways to listen.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "platform/http_server/internal/testing.h"
#include "platform/http_server/server.h"

namespace essaim::http_server {
namespace {

using testing::Client;
using testing::Running;
using testing::SinkLog;
using testing::soon;
using testing::TestApplication;
using testing::TestSink;
using testing::text_response;

constexpr auto kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

// A folder of its own for socket files, removed with what is in it.
struct Folder {
  Folder() {
    path = ::testing::TempDir() + "http-XXXXXX";
    EXPECT_NE(mkdtemp(path.data()), nullptr);
  }
  ~Folder() {
    unlink((path + "/s").c_str());
    rmdir(path.c_str());
  }
  std::string socket() const { return path + "/s"; }
  std::string path;
};

Result<std::unique_ptr<Server>> start_at(const std::string& address, Application& application,
                                         unsigned mode = 0600) {
  Options options;
  options.listen.push_back({address, &application, mode});
  options.loops = 1;
  return Server::start(std::move(options));
}

Limits short_linger() {
  Limits limits;
  limits.linger_time = Duration{100};
  return limits;
}

TEST(Stop, requests_in_flight_are_answered_and_idle_connections_closed) {
  Running running(short_linger());
  std::promise<void> go;
  auto gone = go.get_future().share();
  running.application.on_handle = [gone](http::Request) {
    gone.wait();
    return text_response("done");
  };
  auto idle = running.connect();
  auto busy = running.connect();
  busy.send(kGet);
  ASSERT_TRUE(soon([&] { return running.application.handled == 1; }));
  std::thread stopper([&] { running.server->stop(); });
  EXPECT_TRUE(idle.ended());
  go.set_value();
  auto answered = busy.read();
  EXPECT_EQ(answered.body, "done");
  EXPECT_EQ(answered.field("Connection"), "close");
  EXPECT_TRUE(busy.ended());
  stopper.join();
  EXPECT_EQ(running.server->counters().connections_open, 0);
  EXPECT_EQ(running.application.finished_ones().size(), 1u);
}

TEST(Stop, a_body_under_way_is_taken) {
  Running running(short_linger());
  auto client = running.connect();
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
  ASSERT_TRUE(soon([&] { return running.application.admitted == 1; }));
  std::thread stopper([&] { running.server->stop(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  client.send("cd");
  EXPECT_EQ(client.read().body, "PUT / abcd");
  stopper.join();
}

TEST(Stop, ends_in_time_when_the_application_does_not_answer) {
  struct Silent final : Application {
    std::mutex mutex;
    std::vector<Done<http::Response>> kept;
    std::atomic<int> handled = 0;
    std::atomic<int> ended = 0;
    void admit(const http::RequestHead&, Done<Admission> done) override { done(Admission{}); }
    void handle(http::Request, Done<http::Response> done) override {
      std::lock_guard lock(mutex);
      kept.push_back(std::move(done));
      ++handled;
    }
    void finished(const http::RequestHead&, int status, ByteCount,
                  std::chrono::microseconds) override {
      EXPECT_EQ(status, 0);
      ++ended;
    }
  } silent;
  Options options;
  options.listen.push_back({"127.0.0.1:0", &silent});
  options.limits.drain_time = Duration{100};
  auto server = std::move(Server::start(std::move(options)).value());
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back(server->addresses().at(0));
    clients.back().send(kGet);
  }
  ASSERT_TRUE(soon([&] { return silent.handled == 10; }));
  auto begun = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
  EXPECT_EQ(silent.ended, 10);
  for (auto& client : clients) EXPECT_TRUE(client.ended());
  // Some answers come after the stop, some after the server itself.
  for (int i = 0; i < 5; ++i) silent.kept[static_cast<std::size_t>(i)](text_response("late"));
  server.reset();
  for (int i = 5; i < 10; ++i) silent.kept[static_cast<std::size_t>(i)](text_response("late"));
}

TEST(Stop, an_answer_may_come_after_its_connection_died) {
  Running running;
  std::promise<void> go;
  auto gone = go.get_future().share();
  running.application.on_handle = [gone](http::Request) {
    gone.wait();
    return text_response(std::string(kMiB, 'x'));
  };
  auto client = running.connect();
  client.send(kGet);
  ASSERT_TRUE(soon([&] { return running.application.handled == 1; }));
  client.close();
  go.set_value();
  EXPECT_TRUE(soon([&] { return running.application.finished_ones().size() == 1; }));
}

TEST(Stop, waits_for_a_sink_that_is_writing) {
  Limits limits;
  limits.drain_time = Duration{50};
  Running running(limits);
  auto log = std::make_shared<SinkLog>();
  std::atomic<bool> writing = false;
  log->on_write = [&](std::span<const std::byte>) -> Result<void> {
    writing = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return {};
  };
  running.application.on_admit = [&](const http::RequestHead&) {
    Admission admission;
    admission.sink = std::make_unique<TestSink>(log);
    admission.body_max = kGiB;
    return admission;
  };
  auto client = running.connect();
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" +
              std::string(500'000, 'x'));
  ASSERT_TRUE(soon([&] { return writing.load(); }));
  running.server->stop();
  EXPECT_TRUE(log->destroyed);
  EXPECT_FALSE(log->finished);
  EXPECT_EQ(running.application.handled, 0);
}

TEST(Stop, twice_and_never_are_fine) {
  Running running;
  EXPECT_EQ(running.connect().ask(kGet).status, 200);
  running.server->stop();
  running.server->stop();
  EXPECT_FALSE(Client(running.address()).connected());
}

TEST(Listen, addresses_have_the_real_port) {
  TestApplication application;
  auto server = start_at("127.0.0.1:0", application);
  ASSERT_TRUE(server);
  auto addresses = (*server)->addresses();
  ASSERT_EQ(addresses.size(), 1u);
  EXPECT_TRUE(addresses[0].starts_with("127.0.0.1:"));
  EXPECT_NE(addresses[0], "127.0.0.1:0");
  auto taken = start_at(addresses[0], application);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::io);
}

TEST(Listen, addresses_that_cannot_be_read_are_refused) {
  TestApplication application;
  for (auto address :
       {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
        "example.org:80", "[::1", "::1:80", "unix:", "unix:relative", "systemd:", "systemd:x"}) {
    auto server = start_at(address, application);
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, Code::bad_request) << address;
  }
  auto not_passed = start_at("systemd:0", application);
  ASSERT_FALSE(not_passed);
  EXPECT_EQ(not_passed.error().code, Code::io);
  auto long_path = start_at("unix:/" + std::string(200, 'x'), application);
  ASSERT_FALSE(long_path);
  EXPECT_EQ(long_path.error().code, Code::bad_request);
}

TEST(Listen, a_unix_socket_has_its_mode_and_goes_with_the_server) {
  Folder folder;
  TestApplication application;
  auto server = start_at("unix:" + folder.socket(), application, 0660);
  ASSERT_TRUE(server) << server.error().detail;
  struct stat status {};
  ASSERT_EQ(stat(folder.socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660u);
  EXPECT_TRUE((*server)->addresses().empty());
  Client client("unix:" + folder.socket());
  EXPECT_EQ(client.ask("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").body, "GET /x ");
  (*server)->stop();
  EXPECT_NE(stat(folder.socket().c_str(), &status), 0);
  application.finish();
}

TEST(Listen, a_stale_socket_file_is_replaced_and_a_live_one_is_not) {
  Folder folder;
  TestApplication application;
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  folder.socket().copy(name.sun_path, sizeof(name.sun_path) - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  auto refused = start_at("unix:" + folder.socket(), application);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::io);
  close(fd);  // the file stays
  auto server = start_at("unix:" + folder.socket(), application);
  ASSERT_TRUE(server) << server.error().detail;
  EXPECT_EQ(Client("unix:" + folder.socket()).ask(kGet).status, 200);
}

TEST(Listen, a_file_that_is_no_socket_is_left_alone) {
  Folder folder;
  TestApplication application;
  std::ofstream(folder.socket()) << "precious";
  EXPECT_FALSE(start_at("unix:" + folder.socket(), application));
  std::string content;
  std::ifstream(folder.socket()) >> content;
  EXPECT_EQ(content, "precious");
}

TEST(Listen, several_doors_lead_to_their_own_applications) {
  Folder folder;
  TestApplication front;
  TestApplication operators;
  operators.on_handle = [](http::Request request) {
    return text_response(request.head.host + " " + request.head.remote_address);
  };
  Options options;
  options.listen.push_back({"127.0.0.1:0", &front});
  options.listen.push_back({"unix:" + folder.socket(), &operators, 0600, "operator"});
  auto server = std::move(Server::start(std::move(options)).value());
  EXPECT_EQ(Client(server->addresses().at(0)).ask(kGet).body, "GET / ");
  EXPECT_EQ(Client("unix:" + folder.socket()).ask(kGet).body, "operator unix");
}

// systemd passes sockets from descriptor 3 on, and says so to one process id.
TEST(Listen, a_passed_socket_is_used) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  ASSERT_EQ(listen(fd, 5), 0);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    dup2(fd, 3);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    TestApplication application(0);
    auto server = start_at("systemd:0", application);
    bool fine = server && Client((*server)->addresses().at(0)).ask(kGet).status == 200 &&
                !start_at("systemd:1", application);
    _exit(fine ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  close(fd);
}

}  // namespace
}  // namespace essaim::http_server
