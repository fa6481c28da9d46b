// The whole server against clients that are refused, leave, dawdle or attack.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <stdexcept>
#include <string>

#include "base/log/log.h"
#include "platform/http_server/internal/testing.h"
#include "platform/http_server/server.h"

namespace essaim::http_server {
namespace {

using namespace std::string_literals;
using testing::Answered;
using testing::Client;
using testing::Running;
using testing::SinkLog;
using testing::soon;
using testing::TestSink;
using testing::TestSource;
using testing::text_response;

constexpr auto kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

Limits hasty() {
  Limits limits;
  limits.head_time = Duration{200};
  limits.idle_time = Duration{300};
  limits.body_rate_window = Duration{200};
  limits.send_stall = Duration{300};
  limits.linger_time = Duration{200};
  limits.discard_time = Duration{400};
  limits.drain_time = Duration{300};
  return limits;
}

std::string put(std::size_t length, std::string_view more = "") {
  return "PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(more) + "\r\n";
}

Admission refuse(int status) {
  Admission admission;
  admission.refusal = text_response("no", status);
  return admission;
}

Admission to_sink(const std::shared_ptr<SinkLog>& log) {
  Admission admission;
  admission.sink = std::make_unique<TestSink>(log);
  admission.body_max = kGiB;
  return admission;
}

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

TEST(Refusal, malformed_heads_are_answered_and_the_connection_ends) {
  Running running;
  struct Case {
    std::string request;
    int status;
  };
  for (const auto& [request, status] : std::vector<Case>{
           {"GET / HTTP/1.1\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: a/\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            400},
           {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            400},
           {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: x\r\nContent-Length: 1\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775808\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
           {"GET / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
           {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
           {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 501},
           {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
           {"PUT / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", 417},
           {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
           {"GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
           {"GET /\r\nHost: h\r\n\r\n", 400},
           {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"GET /a"s + '\0' + "b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"GET /a\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"GET /a\x7f HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nA\x01: b\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nA: "s + '\0' + "\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: h\r\nnothing\r\n\r\n", 400},
           {"G\x80T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"\x16\x03\x01", 400},
       }) {
    auto client = running.connect();
    client.send(request);
    client.send(kGet);  // must not be taken for another request
    EXPECT_EQ(client.read().status, status) << request;
    EXPECT_TRUE(client.ended()) << request;
  }
  EXPECT_EQ(running.application.admitted, 0);
}

TEST(Refusal, unusual_but_sound_heads_are_served) {
  Running running;
  std::string host;
  running.application.on_handle = [&](http::Request request) {
    return text_response(request.head.method + " " + request.head.path + "?" + request.head.query +
                         " " + request.head.host);
  };
  for (auto [request, body] : std::vector<std::pair<std::string, std::string>>{
           {"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET /? h"},
           {"GET http://Other:80/a?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b other"},
           {"GET http://other?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /?b other"},
           {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS /? h"},
           {"GET / HTTP/1.0\r\n\r\n", "GET /? "},
           {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET /? "},
           {"X-tea!~ / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "X-tea!~ /? ::1"},
           {"GET /\xc3\xa9|\"<> HTTP/1.1\r\nHost: h.\r\n\r\n", "GET /\xc3\xa9|\"<>? h"},
           {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0, 0\r\n\r\n", "GET /? h"},
       }) {
    auto client = running.connect();
    EXPECT_EQ(client.ask(request).body, body) << request;
  }
}

TEST(Refusal, a_head_over_the_limit_is_refused_without_growth) {
  Running running;
  auto client = running.connect();
  client.send("GET / HTTP/1.1\r\nHost: h\r\nX: ");
  std::int64_t before = resident_bytes();
  std::string piece(kMiB, 'x');
  ByteCount sent = 0;
  while (sent < kGiB && client.send(piece)) sent += kMiB;
  EXPECT_LT(sent, 200 * kMiB);  // the server stopped listening
  EXPECT_LT(resident_bytes() - before, 8 * kMiB);
  EXPECT_EQ(running.connect().ask(kGet).status, 200);
}

TEST(Refusal, heads_up_to_the_limit_are_served) {
  Running running;
  std::string rest(32 * kKiB - std::string(kGet).size() - 5, 'x');
  auto client = running.connect();
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: h\r\nX: " + rest + "\r\n\r\n").status, 200);
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: h\r\nX: x" + rest + "\r\n\r\n").status, 431);
  EXPECT_TRUE(client.ended());
}

TEST(Refusal, too_many_fields_are_refused) {
  Running running;
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += "A: b\r\n";
  auto client = running.connect();
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n").status, 431);
}

TEST(Refusal, a_head_byte_by_byte_is_served_in_time_and_refused_late) {
  Running running(hasty());
  auto client = running.connect();
  for (char c : std::string(kGet)) client.send(std::string(1, c));
  EXPECT_EQ(client.read().status, 200);
  client.send("GET / HT");
  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(client.ended());
}

TEST(Refusal, idle_connections_are_closed_without_a_word) {
  Running running(hasty());
  auto fresh = running.connect();
  auto used = running.connect();
  EXPECT_EQ(used.ask(kGet).status, 200);
  EXPECT_TRUE(fresh.ended());
  EXPECT_TRUE(used.ended());
  EXPECT_TRUE(soon([&] { return running.server->counters().connections_open == 0; }));
}

TEST(Refusal, a_slow_body_is_refused_and_not_handled) {
  Running running(hasty());
  auto log = std::make_shared<SinkLog>();
  running.application.on_admit = [&](const http::RequestHead&) { return to_sink(log); };
  for (std::size_t length : {100ul, 1'000'000ul}) {
    log->destroyed = false;
    auto client = running.connect();
    EXPECT_EQ(client.ask(put(length) + "abc").status, 408);
    EXPECT_TRUE(client.ended());
    EXPECT_TRUE(soon([&] { return log->destroyed.load(); }));
  }
  EXPECT_FALSE(log->finished);
  EXPECT_EQ(running.application.handled, 0);
}

TEST(Refusal, a_cut_body_is_never_handled) {
  Running running;
  auto log = std::make_shared<SinkLog>();
  running.application.on_admit = [&](const http::RequestHead&) { return to_sink(log); };
  for (const std::string& request :
       {put(10), put(1'000'000),
        std::string("PUT /f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n")}) {
    log->destroyed = false;
    auto client = running.connect();
    client.send(request + "abc");
    client.end_sending();
    EXPECT_EQ(client.read().status, 400);
    EXPECT_TRUE(client.ended());
    EXPECT_TRUE(soon([&] { return log->destroyed.load(); }));
  }
  EXPECT_FALSE(log->finished);
  EXPECT_EQ(running.application.handled, 0);
}

TEST(Refusal, bad_chunks_are_refused_and_not_handled) {
  Running running;
  auto log = std::make_shared<SinkLog>();
  running.application.on_admit = [&](const http::RequestHead&) { return to_sink(log); };
  for (const std::string& chunks :
       {std::string("x\r\n"), std::string("-1\r\n\r\n"), std::string("2\r\nabc\r\n\r\n"),
        std::string("2\nab\n0\n\n\r\n\r\n"), std::string("10000000000000000\r\n"),
        "1;" + std::string(20'000, 'x'), "0\r\n" + std::string(200'000, 'x')}) {
    auto client = running.connect();
    client.send("PUT /f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
    EXPECT_EQ(client.read().status, 400) << chunks.substr(0, 20);
    EXPECT_TRUE(client.ended());
  }
  EXPECT_EQ(running.application.handled, 0);
  EXPECT_FALSE(log->finished);
}

TEST(Refusal, bodies_over_the_admitted_size_are_refused) {
  Running running;
  auto log = std::make_shared<SinkLog>();
  running.application.on_admit = [&](const http::RequestHead& head) {
    Admission admission;
    if (head.headers.get("Sink")) admission = to_sink(log);
    admission.body_max = 100'000;
    return admission;
  };
  auto client = running.connect();
  std::string chunk = "186A0\r\n" + std::string(100'000, 'x') + "\r\n";
  std::string chunked = "PUT /f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n";
  // Known before it is read, with and without a sink; the connection goes on.
  EXPECT_EQ(client.ask(put(100'001, "Sink: 1\r\n") + std::string(100'001, 'x')).status, 413);
  EXPECT_EQ(client.ask(put(65'537) + std::string(65'537, 'x')).status, 413);
  EXPECT_EQ(client.ask(chunked + "\r\n" + chunk + "0\r\n\r\n").status, 413);
  EXPECT_EQ(client.ask(chunked + "Sink: 1\r\n\r\n" + chunk + "1\r\nx\r\n0\r\n\r\n").status, 413);
  EXPECT_FALSE(log->finished);
  EXPECT_EQ(running.application.handled, 0);
  EXPECT_EQ(client.ask(chunked + "Sink: 1\r\n\r\n" + chunk + "0\r\n\r\n").status, 200);
  EXPECT_EQ(running.server->counters().connections_accepted, 1);
}

TEST(Refusal, instead_of_continue_the_connection_ends) {
  Running running;
  running.application.on_admit = [](const http::RequestHead&) { return refuse(507); };
  auto client = running.connect();
  Answered answered = client.ask(put(kGiB, "Expect: 100-continue\r\n"));
  EXPECT_EQ(answered.status, 507);
  EXPECT_EQ(answered.field("Connection"), "close");
  EXPECT_TRUE(client.ended());
}

TEST(Refusal, without_expect_it_comes_at_once_and_the_body_is_thrown_away) {
  Running running;
  running.application.on_admit = [](const http::RequestHead&) { return refuse(507); };
  auto client = running.connect();
  for (int i = 0; i < 3; ++i) {
    client.send(put(10 * kMiB));
    Answered answered = client.read();  // before a byte of the body was sent
    EXPECT_EQ(answered.status, 507);
    EXPECT_EQ(answered.field("Connection"), "");
    EXPECT_TRUE(client.send(std::string(10 * kMiB, 'x')));
  }
  EXPECT_EQ(running.application.handled, 0);
}

TEST(Refusal, what_is_thrown_away_has_a_limit) {
  Limits limits = hasty();
  limits.discard_max = kMiB;
  Running running(limits);
  running.application.on_admit = [](const http::RequestHead&) { return refuse(507); };
  auto client = running.connect();
  client.send(put(kGiB));
  Answered answered = client.read();
  EXPECT_EQ(answered.status, 507);
  EXPECT_EQ(answered.field("Connection"), "close");
  std::string piece(kMiB, 'x');
  int pieces = 0;
  while (pieces < 1000 && client.send(piece)) ++pieces;
  EXPECT_LT(pieces, 100);
}

TEST(Refusal, a_body_thrown_away_too_slowly_ends_the_connection) {
  Running running(hasty());
  running.application.on_admit = [](const http::RequestHead&) { return refuse(403); };
  auto client = running.connect();
  EXPECT_EQ(client.ask(put(1000) + "a").status, 403);
  EXPECT_TRUE(client.ended());
}

TEST(Refusal, an_error_of_the_sink_is_handled_at_once) {
  Running running;
  auto log = std::make_shared<SinkLog>();
  log->on_write = [](std::span<const std::byte>) -> Result<void> {
    return fail(Code::disk_full, "no room");
  };
  running.application.on_admit = [&](const http::RequestHead&) { return to_sink(log); };
  running.application.on_handle = [](http::Request request) {
    EXPECT_TRUE(request.sink);
    return text_response(std::string(name(request.sink_error.value().code)), 507);
  };
  auto client = running.connect();
  client.send(put(20 * kMiB));
  std::thread sender([&] { client.send(std::string(20 * kMiB, 'x')); });
  Answered answered = client.read();
  sender.join();
  EXPECT_EQ(answered.status, 507);
  EXPECT_EQ(answered.body, "disk_full");
  EXPECT_FALSE(log->finished);
  log->on_write = nullptr;
  log->on_finish = []() -> Result<void> { throw std::runtime_error("out of tea"); };
  EXPECT_EQ(client.ask(put(kMiB) + std::string(kMiB, 'x')).body, "internal");
}

TEST(Refusal, exceptions_and_forgotten_callbacks_are_answered_500) {
  log::set_output([](std::string_view) {});
  struct Broken final : Application {
    std::vector<Done<http::Response>> kept;
    void admit(const http::RequestHead& head, Done<Admission> done) override {
      if (head.path == "/throw-admit") throw std::runtime_error("tea");
      if (head.path == "/drop-admit") return;
      done(Admission{});
    }
    void handle(http::Request request, Done<http::Response> done) override {
      if (request.head.path == "/throw") throw std::runtime_error("tea");
      if (request.head.path == "/drop") return;
      done(text_response("fine", request.head.path == "/status" ? 99 : 200));
    }
    void finished(const http::RequestHead&, int, ByteCount, std::chrono::microseconds) override {
      throw std::runtime_error("tea");
    }
  } broken;
  Options options;
  options.listen.push_back({"127.0.0.1:0", &broken});
  auto server = std::move(Server::start(std::move(options)).value());
  Client client(server->addresses().at(0));
  for (auto path : {"/throw-admit", "/drop-admit", "/throw", "/drop", "/status"}) {
    EXPECT_EQ(client.ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n").status, 500)
        << path;
  }
  EXPECT_EQ(client.ask(kGet).body, "fine");
  server.reset();
  log::set_output(nullptr);
}

TEST(Refusal, a_header_that_would_split_the_answer_is_a_500) {
  log::set_output([](std::string_view) {});
  Running running;
  running.application.on_handle = [](http::Request) {
    auto response = text_response("x");
    response.headers.add("Location", "/a\r\nSet-Cookie: b");
    return response;
  };
  EXPECT_EQ(running.connect().ask(kGet).status, 500);
  log::set_output(nullptr);
}

TEST(Refusal, a_source_that_fails_cuts_the_body) {
  log::set_output([](std::string_view) {});
  Running running;
  for (int kind = 0; kind < 4; ++kind) {
    running.application.on_handle = [kind](http::Request) {
      http::Response response;
      int count = 0;
      response.body = std::make_unique<TestSource>([count, kind]() mutable -> Result<std::string> {
        if (++count <= 2) return "abcde";
        if (kind == 0) return fail(Code::io, "disk");
        if (kind == 1) throw std::runtime_error("tea");
        return count == 3 && kind == 2 ? "longer" : "";
      });
      if (kind >= 2) response.source_length = 12;
      return response;
    };
    auto client = running.connect();
    Answered answered = client.ask(kGet);
    EXPECT_EQ(answered.status, 200);
    EXPECT_TRUE(answered.cut) << kind;
    EXPECT_TRUE(client.ended());
  }
  log::set_output(nullptr);
}

TEST(Refusal, a_file_shorter_than_promised_cuts_the_body) {
  log::set_output([](std::string_view) {});
  Running running;
  running.application.on_handle = [](http::Request) {
    std::string name = ::testing::TempDir() + "http-refusal-test-XXXXXX";
    UniqueFd fd(mkstemp(name.data()));
    unlink(name.c_str());
    EXPECT_EQ(ftruncate(fd.get(), 1000), 0);
    http::Response response;
    response.body = http::FileRange{std::move(fd), 0, 2000};
    return response;
  };
  auto client = running.connect();
  EXPECT_TRUE(client.ask(kGet).cut);
  log::set_output(nullptr);
}

TEST(Refusal, a_client_that_does_not_read_is_cut_and_holds_no_worker) {
  Limits limits = hasty();
  Running running(limits);
  running.options.body_workers = 1;
  auto log = std::make_shared<SinkLog>();
  running.application.on_admit = [&](const http::RequestHead&) { return to_sink(log); };
  running.application.on_handle = [](http::Request request) {
    http::Response response;
    if (request.head.path == "/small") return text_response("small");
    if (request.head.path == "/source") {
      response.body = std::make_unique<TestSource>(
          []() -> Result<std::string> { return std::string(60'000, 'x'); });
    } else {
      response.body = std::string(64 * kMiB, 'x');
    }
    return response;
  };
  running.start();
  Client lazy_source(running.address(), 4096);
  Client lazy_text(running.address(), 4096);
  lazy_source.send("GET /source HTTP/1.1\r\nHost: h\r\n\r\n");
  lazy_text.send("GET /text HTTP/1.1\r\nHost: h\r\n\r\n");
  Client other(running.address());
  EXPECT_EQ(other
                .ask("PUT /small HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" +
                     std::string(100'000, 'x'))
                .body,
            "small");
  EXPECT_TRUE(soon([&] { return running.application.finished_ones().size() == 3; }));
}

TEST(Refusal, connections_over_the_limit_are_closed_at_once) {
  Limits limits;
  limits.connections_max = 2;
  Running running(limits);
  auto first = running.connect();
  auto second = running.connect();
  EXPECT_EQ(first.ask(kGet).status, 200);
  EXPECT_EQ(second.ask(kGet).status, 200);
  auto third = running.connect();
  EXPECT_TRUE(third.ended());
  EXPECT_EQ(running.server->counters().connections_refused, 1);
  first.close();
  ASSERT_TRUE(soon([&] { return running.server->counters().connections_open == 1; }));
  EXPECT_EQ(running.connect().ask(kGet).status, 200);
}

TEST(Refusal, requests_of_a_connection_have_a_limit) {
  Limits limits;
  limits.requests_per_connection_max = 2;
  Running running(limits);
  auto client = running.connect();
  EXPECT_EQ(client.ask(kGet).field("Connection"), "");
  EXPECT_EQ(client.ask(kGet).field("Connection"), "close");
  EXPECT_TRUE(client.ended());
}

}  // namespace
}  // namespace essaim::http_server
