// The whole server over real sockets: requests and answers as they should be.
#include "platform/http_server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <future>
#include <string>

#include "platform/http_server/internal/testing.h"

namespace essaim::http_server {
namespace {

using testing::Answered;
using testing::Client;
using ::testing::ElementsAre;
using testing::Running;
using testing::SinkLog;
using ::testing::SizeIs;
using testing::soon;
using testing::TestSink;
using testing::TestSource;
using testing::text_response;

// A file of `size` bytes that has no name any more.
UniqueFd file_of(std::string_view content) {
  std::string name = ::testing::TempDir() + "http-server-test-XXXXXX";
  UniqueFd fd(mkstemp(name.data()));
  unlink(name.c_str());
  EXPECT_EQ(write(fd.get(), content.data(), content.size()), static_cast<ssize_t>(content.size()));
  return fd;
}

std::string long_text(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

Admission to_sink(const std::shared_ptr<SinkLog>& log, ByteCount body_max = kGiB) {
  Admission admission;
  admission.sink = std::make_unique<TestSink>(log);
  admission.body_max = body_max;
  return admission;
}

TEST(Server, answers_a_request) {
  Running running;
  auto client = running.connect();
  Answered answered = client.ask("GET /a%20b?c=d HTTP/1.1\r\nHost: Example.org:81\r\n\r\n");
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.body, "GET /a%20b ");
  EXPECT_EQ(answered.field("Content-Length"), std::to_string(answered.body.size()));
  EXPECT_EQ(answered.field("X-Request-Id").size(), 16u);
  EXPECT_EQ(answered.field("Date").size(), 29u);
  EXPECT_EQ(answered.field("Connection"), "");
}

TEST(Server, the_head_arrives_as_sent) {
  Running running;
  http::RequestHead seen;
  running.application.on_admit = [&](const http::RequestHead& head) {
    seen = head;
    return Admission{};
  };
  auto client = running.connect();
  client.ask(
      "PROPFIND /x?y HTTP/1.1\r\nHost: Example.ORG:8080\r\nDepth: 1\r\n"
      "X-Forwarded-For: 9.9.9.9\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(seen.method, "PROPFIND");
  EXPECT_EQ(seen.path, "/x");
  EXPECT_EQ(seen.query, "y");
  EXPECT_EQ(seen.host, "example.org");
  EXPECT_EQ(seen.host_and_port, "Example.ORG:8080");
  EXPECT_EQ(seen.scheme, "http");
  EXPECT_EQ(seen.remote_address, "127.0.0.1");
  EXPECT_EQ(seen.headers.get("depth"), "1");
  EXPECT_EQ(seen.content_length, 2);
  EXPECT_TRUE(seen.has_body);
  EXPECT_FALSE(seen.expects_continue);
}

TEST(Server, believes_a_trusted_proxy) {
  Running running;
  running.options.trusted_proxies = {"127.0.0.0/8"};
  http::RequestHead seen;
  running.application.on_admit = [&](const http::RequestHead& head) {
    seen = head;
    return Admission{};
  };
  auto client = running.connect();
  client.ask(
      "GET / HTTP/1.1\r\nHost: inside\r\nX-Forwarded-For: 1.1.1.1, 9.9.9.9, 127.0.0.2\r\n"
      "X-Forwarded-Proto: https\r\nX-Forwarded-Host: voile.example\r\n\r\n");
  EXPECT_EQ(seen.remote_address, "9.9.9.9");
  EXPECT_EQ(seen.scheme, "https");
  EXPECT_EQ(seen.host, "voile.example");
}

TEST(Server, keeps_the_connection_and_answers_pipelined_requests_in_order) {
  for (int threads : {0, 2}) {
    Running running({}, threads);
    auto client = running.connect();
    std::string all;
    for (int i = 0; i < 100; ++i) {
      all += "PUT /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    }
    client.send(all);
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(client.read().body, "PUT /" + std::to_string(i) + " abc");
    }
    EXPECT_EQ(running.server->counters().connections_accepted, 1);
    EXPECT_EQ(running.server->counters().requests, 100);
  }
}

TEST(Server, a_small_body_is_kept_in_memory_after_admission) {
  Running running;
  auto client = running.connect();
  std::string body = long_text(64 * kKiB);
  Answered answered =
      client.ask("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                 "\r\n\r\n" + body);
  EXPECT_EQ(answered.body, "PUT /f " + body);
  EXPECT_EQ(running.application.admitted, 1);
}

TEST(Server, a_large_body_goes_to_the_sink_in_pieces) {
  Running running;
  auto log = std::make_shared<SinkLog>();
  running.application.on_admit = [&](const http::RequestHead&) { return to_sink(log); };
  running.application.on_handle = [&](http::Request request) {
    EXPECT_TRUE(request.body.empty());
    EXPECT_TRUE(request.sink);
    EXPECT_FALSE(request.sink_error);
    return text_response(log->finished ? "finished" : "not finished");
  };
  auto client = running.connect();
  std::string body = long_text(3 * kMiB + 17);
  Answered answered =
      client.ask("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                 "\r\n\r\n" + body);
  EXPECT_EQ(answered.body, "finished");
  EXPECT_TRUE(log->bytes == body);
  for (std::size_t piece : log->pieces) EXPECT_LE(piece, 256 * kKiB);
  EXPECT_LT(log->pieces.size(), 20u);
}

TEST(Server, a_small_body_goes_to_the_sink_only_when_asked) {
  Running running;
  auto log = std::make_shared<SinkLog>();
  bool always = false;
  running.application.on_admit = [&](const http::RequestHead&) {
    auto admission = to_sink(log);
    admission.always_sink = always;
    return admission;
  };
  auto client = running.connect();
  EXPECT_EQ(client.ask("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi").body,
            "PUT /f hi");
  EXPECT_FALSE(log->finished);
  always = true;
  EXPECT_EQ(client.ask("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi").body,
            "PUT /f ");
  EXPECT_EQ(log->bytes, "hi");
  EXPECT_TRUE(log->finished);
}

TEST(Server, an_empty_body_that_must_go_to_the_sink_is_finished_there) {
  Running running;
  auto log = std::make_shared<SinkLog>();
  running.application.on_admit = [&](const http::RequestHead&) {
    auto admission = to_sink(log);
    admission.always_sink = true;
    return admission;
  };
  auto client = running.connect();
  EXPECT_EQ(client.ask("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").status, 200);
  EXPECT_TRUE(log->finished);
  EXPECT_THAT(log->pieces, SizeIs(0));
}

TEST(Server, chunks_are_decoded_to_the_sink) {
  Running running;
  auto log = std::make_shared<SinkLog>();
  running.application.on_admit = [&](const http::RequestHead& head) {
    EXPECT_FALSE(head.content_length);
    EXPECT_EQ(head.has_body, head.method == "PUT");
    return to_sink(log);
  };
  auto client = running.connect();
  client.send("PUT /f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::string body = long_text(700 * kKiB);
  for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size * 3 % 70'001 + 1) {
    std::string piece = body.substr(at, size);
    std::array<char, 16> line{};
    std::snprintf(line.data(), line.size(), "%zX;x=y\r\n", piece.size());
    client.send(line.data() + piece + "\r\n");
  }
  client.send("0\r\nTrailer: dropped\r\n\r\n");
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(log->bytes == body);
  EXPECT_TRUE(log->finished);
  EXPECT_EQ(client.ask("GET /next HTTP/1.1\r\nHost: h\r\n\r\n").body, "GET /next ");
}

TEST(Server, small_chunks_without_a_sink_are_kept_in_memory) {
  Running running;
  auto client = running.connect();
  EXPECT_EQ(client
                .ask("POST /f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n")
                .body,
            "POST /f hi!");
}

TEST(Server, continue_is_sent_once_admitted) {
  Running running;
  auto client = running.connect();
  client.send("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send("hi");
  EXPECT_EQ(client.read().body, "PUT /f hi");
  // A body that comes unasked needs no leave.
  client.send("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\nyo");
  EXPECT_EQ(client.read().body, "PUT /f yo");
}

TEST(Server, an_old_client_gets_its_body_up_to_the_end_of_the_connection) {
  Running running;
  running.application.on_handle = [](http::Request) {
    http::Response response;
    int left = 3;
    response.body = std::make_unique<TestSource>(
        [left]() mutable -> Result<std::string> { return left-- > 0 ? "abc" : ""; });
    return response;
  };
  auto client = running.connect();
  Answered answered = client.ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(answered.head.starts_with("HTTP/1.0 200 OK\r\n"));
  EXPECT_EQ(answered.field("Transfer-Encoding"), "");
  EXPECT_EQ(answered.field("Connection"), "close");
  EXPECT_EQ(answered.body, "abcabcabc");
}

TEST(Server, an_old_client_may_ask_to_keep_the_connection) {
  Running running;
  auto client = running.connect();
  Answered answered = client.ask("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(answered.field("Connection"), "keep-alive");
  EXPECT_EQ(answered.body, "GET /1 ");
  answered = client.ask("GET /2 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(answered.body, "GET /2 ");
  EXPECT_TRUE(client.ended());
}

TEST(Server, connection_close_ends_it) {
  Running running;
  auto client = running.connect();
  EXPECT_EQ(
      client.ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").field("Connection"),
      "close");
  EXPECT_TRUE(client.ended());
}

TEST(Server, a_file_is_sent_from_its_range) {
  Running running;
  std::string content = long_text(5 * kMiB);
  running.application.on_handle = [&](http::Request) {
    http::Response response;
    response.body = http::FileRange{file_of(content), 1000, 4 * kMiB};
    return response;
  };
  auto client = running.connect();
  for (int i = 0; i < 3; ++i) {
    Answered answered = client.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(answered.field("Content-Length"), std::to_string(4 * kMiB));
    EXPECT_TRUE(answered.body == content.substr(1000, 4 * kMiB));
  }
}

TEST(Server, a_source_of_unknown_length_is_chunked) {
  Running running;
  running.application.on_handle = [](http::Request) {
    http::Response response;
    int left = 40;
    response.body = std::make_unique<TestSource>(
        [left]() mutable -> Result<std::string> { return left-- > 0 ? long_text(50'000) : ""; });
    return response;
  };
  auto client = running.connect();
  Answered answered = client.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(answered.field("Transfer-Encoding"), "chunked");
  EXPECT_FALSE(answered.cut);
  EXPECT_EQ(answered.body.size(), 40u * 50'000u);
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

TEST(Server, a_source_of_known_length_is_not_chunked) {
  Running running;
  running.application.on_handle = [](http::Request) {
    http::Response response;
    bool done = false;
    response.body = std::make_unique<TestSource>(
        [done]() mutable -> Result<std::string> { return std::exchange(done, true) ? "" : "abc"; });
    response.source_length = 3;
    return response;
  };
  auto client = running.connect();
  Answered answered = client.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(answered.field("Content-Length"), "3");
  EXPECT_EQ(answered.body, "abc");
}

TEST(Server, head_gets_the_head_alone_whatever_the_body) {
  Running running;
  running.application.on_handle = [](http::Request request) {
    http::Response response;
    if (request.head.path == "/text") response.body = "abc";
    if (request.head.path == "/file") response.body = http::FileRange{file_of("abcdef"), 0, 6};
    if (request.head.path == "/source" || request.head.path == "/source9") {
      response.body = std::make_unique<TestSource>([]() -> Result<std::string> { return "abc"; });
    }
    if (request.head.path == "/source9") response.source_length = 9;
    if (request.head.path == "/own") response.headers.add("Content-Length", "77");
    return response;
  };
  auto client = running.connect();
  for (auto [path, length] : {std::pair("/text", "3"),
                              {"/file", "6"},
                              {"/source", ""},
                              {"/source9", "9"},
                              {"/own", "77"}}) {
    client.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    Answered answered = client.read(true);
    EXPECT_EQ(answered.status, 200);
    EXPECT_EQ(answered.field("Content-Length"), length) << path;
  }
  EXPECT_EQ(client.ask("GET /text HTTP/1.1\r\nHost: h\r\n\r\n").body, "abc");
}

TEST(Server, answers_without_a_body_have_none) {
  Running running;
  running.application.on_handle = [](http::Request request) {
    return text_response("must not be sent", request.head.path == "/204" ? 204 : 304);
  };
  auto client = running.connect();
  for (auto path : {"/204", "/304", "/204"}) {
    Answered answered = client.ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(std::to_string(answered.status), path + 1);
    EXPECT_EQ(answered.field("Content-Length"), "");
  }
}

TEST(Server, every_request_is_finished_once) {
  Running running;
  running.application.on_admit = [](const http::RequestHead& head) {
    Admission admission;
    if (head.path == "/no") admission.refusal = text_response("no", 403);
    return admission;
  };
  auto client = running.connect();
  client.ask("GET /yes HTTP/1.1\r\nHost: h\r\n\r\n");
  client.ask("GET /no HTTP/1.1\r\nHost: h\r\n\r\n");
  client.send("PUT /cut HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  client.close();
  ASSERT_TRUE(soon([&] { return running.application.finished_ones().size() == 3; }));
  auto all = running.application.finished_ones();
  EXPECT_EQ(all[0].path, "/yes");
  EXPECT_EQ(all[0].status, 200);
  EXPECT_GT(all[0].sent, 100);
  EXPECT_EQ(all[1].status, 403);
  EXPECT_EQ(all[2].path, "/cut");
  EXPECT_EQ(running.application.handled, 1);
}

}  // namespace
}  // namespace essaim::http_server
