#include "platform/http_server/internal/head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "platform/http_server/internal/response_head.h"

namespace essaim::http_server {
namespace {

TEST(ParseHost, reads_names_and_addresses) {
  struct Case {
    std::string text;
    std::string host;
    bool has_port;
  };
  for (const auto& [text, host, has_port] : std::vector<Case>{
           {"Example.ORG", "example.org", false},
           {"example.org:8080", "example.org", true},
           {"example.org:", "example.org", false},
           {"example.org.", "example.org", false},
           {"a_b-c.d", "a_b-c.d", false},
           {"127.0.0.11:80", "127.0.0.11", true},
           {"[::1]", "::1", false},
           {"[FE80::1]:80", "fe80::1", true},
           {"", "", false},
       }) {
    auto parsed = parse_host(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->host, host);
    EXPECT_EQ(parsed->has_port, has_port);
  }
}

TEST(ParseHost, refuses_what_is_no_host) {
  for (const std::string& text :
       {std::string("a b"), std::string("a/b"), std::string("a@b"), std::string("a:b"),
        std::string("a:1:2"), std::string("a:65536"), std::string(":80"), std::string("[::1"),
        std::string("[]"), std::string("[x]"), std::string("[::1]x"), std::string("a,b"),
        std::string("\xc3\xa9"), std::string("a\0b", 3), std::string(256, 'a')}) {
    EXPECT_FALSE(parse_host(text)) << text;
  }
}

struct Made {
  int status;
  http::RequestHead head;
};

Made make(std::vector<std::pair<std::string, std::string>> fields,
          const std::vector<std::string>& proxies, std::string_view address = "10.0.0.1") {
  RawHead raw;
  raw.method = "GET";
  raw.target = "/";
  raw.headers.add("Host", "inside:81");
  for (const auto& [name, value] : fields) raw.headers.add(name, value);
  auto networks = Networks::parse(proxies).value();
  Made made{};
  made.status = make_head(std::move(raw), {address, &networks, {}}, made.head);
  return made;
}

TEST(MakeHead, does_not_believe_strangers) {
  auto made = make({{"X-Forwarded-For", "1.2.3.4"},
                    {"X-Forwarded-Proto", "https"},
                    {"X-Forwarded-Host", "outside"}},
                   {"10.0.0.2", "unix"});
  EXPECT_EQ(made.status, 0);
  EXPECT_EQ(made.head.remote_address, "10.0.0.1");
  EXPECT_EQ(made.head.scheme, "http");
  EXPECT_EQ(made.head.host, "inside");
  EXPECT_EQ(made.head.host_and_port, "inside:81");
}

TEST(MakeHead, the_client_is_the_last_address_that_is_no_proxy) {
  std::vector<std::string> proxies{"10.0.0.0/8", "fd00::/8"};
  auto address = [&](std::string forwarded) {
    return make({{"X-Forwarded-For", std::move(forwarded)}}, proxies).head.remote_address;
  };
  EXPECT_EQ(address("1.1.1.1, 2.2.2.2"), "2.2.2.2");
  EXPECT_EQ(address("1.1.1.1, 2.2.2.2 , 10.9.9.9"), "2.2.2.2");
  EXPECT_EQ(address("2001:DB8::0001, fd00::1"), "2001:db8::1");
  EXPECT_EQ(address("[2001:db8::1]:443"), "2001:db8::1");
  EXPECT_EQ(address("2.2.2.2:443"), "2.2.2.2");
  EXPECT_EQ(address("::ffff:2.2.2.2"), "2.2.2.2");
  EXPECT_EQ(address("10.1.1.1"), "10.1.1.1");
  EXPECT_EQ(address("1.1.1.1, nonsense"), "10.0.0.1");
  EXPECT_EQ(address(""), "10.0.0.1");
  EXPECT_EQ(address("1.1.1.1,"), "10.0.0.1");
}

TEST(MakeHead, a_proxy_says_scheme_and_host) {
  auto made = make({{"X-Forwarded-Proto", "http, HTTPS"}, {"X-Forwarded-Host", "a, Outside:8443"}},
                   {"10.0.0.1"});
  EXPECT_EQ(made.head.scheme, "https");
  EXPECT_EQ(made.head.host, "outside");
  EXPECT_EQ(made.head.host_and_port, "Outside:8443");
  EXPECT_EQ(make({{"X-Forwarded-Host", "a b"}}, {"10.0.0.1"}).status, 400);
  EXPECT_EQ(make({{"X-Forwarded-Proto", "https"}}, {"unix"}, "unix").head.scheme, "https");
}

TEST(Networks, refuses_what_is_no_network) {
  for (const std::string& text :
       {std::string(""), std::string("localhost"), std::string("1.2.3"), std::string("1.2.3.4/33"),
        std::string("::1/129"), std::string("1.2.3.4/"), std::string("1.2.3.4/-1"),
        std::string("1.2.3.4/8x"), std::string(100, '1')}) {
    EXPECT_FALSE(Networks::parse(std::vector{text})) << text;
  }
}

TEST(Networks, compare_bits_not_bytes) {
  auto networks = Networks::parse(std::vector<std::string>{"10.32.0.0/11", "::1"}).value();
  EXPECT_TRUE(networks.contains("10.63.255.255"));
  EXPECT_FALSE(networks.contains("10.64.0.0"));
  EXPECT_TRUE(networks.contains("::ffff:10.32.0.1"));
  EXPECT_TRUE(networks.contains("::1"));
  EXPECT_FALSE(networks.contains("::2"));
  EXPECT_FALSE(networks.contains("unix"));
  EXPECT_FALSE(networks.contains("nonsense"));
  EXPECT_FALSE(networks.contains(""));
  EXPECT_TRUE(Networks::parse(std::vector<std::string>{"0.0.0.0/0"})->contains("9.9.9.9"));
}

constexpr ResponseTo kPlain{"GET", 1, "id", "today", true};

TEST(ResponseHead, has_a_length_and_no_more_than_it_needs) {
  http::Response response;
  response.headers.add("Content-Type", "text/plain");
  response.headers.add("Content-Length", "999");
  response.headers.add("Transfer-Encoding", "chunked");
  response.body = "abc";
  EXPECT_EQ(make_response_head(response, kPlain)->bytes,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: today\r\nX-Request-Id: id\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Length: 3\r\n\r\n");
}

TEST(ResponseHead, the_application_may_end_the_connection) {
  http::Response response;
  response.headers.add("Connection", "close");
  auto head = make_response_head(response, kPlain);
  EXPECT_FALSE(head->keep_alive);
  EXPECT_NE(head->bytes.find("Connection: close\r\n"), std::string::npos);
}

TEST(ResponseHead, what_would_break_it_is_refused) {
  auto fails = [](int status, std::string_view name, std::string_view value) {
    http::Response response;
    response.status = status;
    response.headers.add(name, value);
    return !make_response_head(response, kPlain);
  };
  EXPECT_FALSE(fails(200, "A", "tab\tand \xc3\xa9"));
  EXPECT_TRUE(fails(100, "A", "b"));
  EXPECT_TRUE(fails(600, "A", "b"));
  EXPECT_TRUE(fails(200, "A", "b\r\nc"));
  EXPECT_TRUE(fails(200, "A", "b\nc"));
  EXPECT_TRUE(fails(200, "A", std::string_view("b\0", 2)));
  EXPECT_TRUE(fails(200, "A b", "c"));
  EXPECT_TRUE(fails(200, "", "c"));
  http::Response no_file;
  no_file.body = http::FileRange{};
  EXPECT_FALSE(make_response_head(no_file, kPlain));
  http::Response no_source;
  no_source.body = std::unique_ptr<http::Source>();
  EXPECT_FALSE(make_response_head(no_source, kPlain));
}

}  // namespace
}  // namespace essaim::http_server
