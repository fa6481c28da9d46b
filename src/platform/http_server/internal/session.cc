// One connection from its first byte to its last: the order of things in HTTP/1.
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "base/log/log.h"
#include "platform/http_server/internal/body.h"
#include "platform/http_server/internal/connection.h"
#include "platform/http_server/internal/head.h"
#include "platform/http_server/internal/io.h"
#include "platform/http_server/internal/parser.h"
#include "platform/http_server/internal/reply.h"
#include "platform/http_server/internal/response_head.h"

namespace essaim::http_server {
namespace {

constexpr std::size_t kHeadRoom = 4 * 1024;  // bytes asked for at a time; most heads fit
// Requests answered in one go before other connections get their turn.
constexpr int kRequestsPerTurn = 16;

// What became of reading a head: a request, or a status to refuse with, or neither (the peer left).
struct HeadRead {
  bool whole = false;
  int refuse_status = 0;
};

// A method or an empty line begins with one of these; anything else (a TLS greeting, say) needs no
// further bytes to be refused.
bool may_begin_request(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '\r' || c == '\n';
}

// Empty lines before a request are skipped (RFC 9112 §2.2).
void skip_empty_lines(Connection& c) {
  while (c.in.bytes().starts_with("\r\n")) c.in.consume(2);
}

bool request_is_here(Connection& c) {
  char first = 0;
  return !c.lost && ::recv(c.fd(), &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

// Waits for a request to begin. An idle connection holds no buffer.
loop::Task<bool> next_request(Connection& c) {
  skip_empty_lines(c);
  if (!c.in.empty()) co_return true;
  c.in.release();
  Trouble trouble = Trouble::none;
  if (!c.home.stopping()) {
    c.idle = true;
    SteadyTime deadline = SteadyClock::now() + c.home.limits().idle_time;
    trouble = co_await ready(c, Direction::in, deadline);
    c.idle = false;
  }
  // A stop does not turn away who has asked already.
  if (c.home.stopping()) co_return request_is_here(c);
  co_return trouble == Trouble::none;
}

// Reads until the head is whole, then to `raw`.
loop::Task<HeadRead> read_head(Connection& c, RawHead& raw) {
  const auto head_max = static_cast<std::size_t>(c.home.limits().head_max);
  const auto headers_max = static_cast<std::size_t>(c.home.limits().headers_max);
  SteadyTime deadline = SteadyClock::now() + c.home.limits().head_time;
  std::size_t scanned = 0;
  for (;;) {
    skip_empty_lines(c);
    std::string_view bytes = c.in.bytes();
    if (!bytes.empty() && !may_begin_request(bytes.front())) co_return HeadRead{false, 400};
    auto end = find_head_end(bytes, scanned);
    if (end.value_or(bytes.size()) > head_max) co_return HeadRead{false, 431};
    if (end) {
      int status = parse_head(bytes.substr(0, *end), headers_max, raw);
      c.in.consume(*end);
      co_return HeadRead{status == 0, status};
    }
    std::span<char> room = c.in.room(kHeadRoom);
    Received received = co_await receive(c, room, deadline);
    c.in.added(received.bytes);
    if (received.trouble == Trouble::timed_out || SteadyClock::now() > deadline) {
      co_return HeadRead{false, c.in.empty() ? 0 : 408};
    }
    if (received.trouble != Trouble::none) co_return HeadRead{};
  }
}

template <class Function>
bool guarded(std::string_view what, const Function& function) {
  try {
    function();
    return true;
  } catch (const std::exception& error) {
    log::error("application-exception", {{"in", what}, {"what", error.what()}});
    return false;
  }
}

// A callback for the application, and the slot it fills. The slot is part of the exchange, which
// the callback thereby keeps alive: the head stays valid until it is called.
template <class T>
Done<T> callback(const std::shared_ptr<Exchange>& exchange, loop::Answer<T>& slot) {
  return loop::Promise<T>(std::shared_ptr<loop::Answer<T>>(exchange, &slot));
}

// Why the body of an admitted request will not be read: 0, or 413.
int refuse_body(const Limits& limits, const http::RequestHead& head, const Admission& admission) {
  if (!head.has_body || !head.content_length) return 0;
  if (*head.content_length > admission.body_max) return 413;
  return *head.content_length > limits.memory_body_max && !admission.sink ? 413 : 0;
}

int status_of(Incoming::State state) {
  switch (state) {
    case Incoming::State::too_large:
      return 413;
    case Incoming::State::too_slow:
      return 408;
    default:
      return 400;
  }
}

// Whether what is left of the body may be read and thrown away, to keep the connection. Not when
// the client waits for leave to send: whether the body will come is then anybody's guess.
bool can_discard(const Limits& limits, const Incoming& body, bool waits_for_leave) {
  switch (body.state) {
    case Incoming::State::complete:
      return true;
    case Incoming::State::open:
    case Incoming::State::too_large:
      return !waits_for_leave && (body.chunked || body.left <= limits.discard_max);
    default:
      return false;
  }
}

// The way of one request. Members rather than parameters, as its steps are many and share them.
struct Way {
  Connection& c;
  std::shared_ptr<Exchange> exchange;  // shared with the application's callbacks
  Incoming body;
  bool keep_alive = false;
  bool client_ends = false;      // asked for the end after this answer
  bool waits_for_leave = false;  // for 100 Continue
  http::Request request;
  http::Response response;
};

// Takes the body to where the admission wants it. Sets the response when it does not get there.
// False when there is nobody left to answer.
loop::Task<bool> receive_body(Way& way, Admission& admission, bool& refused) {
  Connection& c = way.c;
  const Limits& limits = c.home.limits();
  const http::RequestHead& head = way.exchange->head;
  refused = false;
  bool small = head.content_length.value_or(way.body.chunked ? limits.memory_body_max + 1 : 0) <=
               limits.memory_body_max;
  bool to_sink = admission.sink && (admission.always_sink || !small);
  if (way.body.state == Incoming::State::complete && !to_sink) co_return true;
  if (way.waits_for_leave && c.in.empty()) {
    Outgoing leave;
    leave.add("HTTP/1.1 100 Continue\r\n\r\n");
    ByteCount ignored = 0;  // not part of the answer
    bool sent = co_await send_all(c, leave, ignored);
    if (!sent) co_return false;
  }
  way.waits_for_leave = false;
  if (c.in.empty()) acknowledge(c);
  start_window(c, way.body);
  if (to_sink) {
    auto upload = std::make_shared<Upload>();
    upload->sink = std::move(admission.sink);
    co_await receive_to_sink(c, way.body, upload, admission.body_max);
    if (upload->error || way.body.state == Incoming::State::complete) {
      way.request.sink_error = std::move(upload->error);
      way.request.sink = std::move(upload->sink);
      co_return true;
    }
    drop_upload(c, std::move(upload));
  } else {
    ByteCount most = std::min(admission.body_max, limits.memory_body_max);
    co_await receive_to_memory(c, way.body, way.request.body, most);
    if (way.body.state == Incoming::State::complete) co_return true;
  }
  refused = true;
  way.response = plain_response(status_of(way.body.state));
  co_return way.body.state != Incoming::State::lost;
}

// Asks the application: admission, body, answer. Sets way.response; false when the connection is
// lost.
loop::Task<bool> make_response(Way& way) {
  Connection& c = way.c;
  Exchange& exchange = *way.exchange;
  Application& application = *c.door.application;
  guarded("admit",
          [&] { application.admit(exchange.head, callback(way.exchange, exchange.admission)); });
  if (!exchange.admission.given()) co_await exchange.admission.wait();
  if (c.lost) co_return false;
  auto admission = exchange.admission.take();
  if (!admission) {
    way.response = plain_response(500);
    co_return true;
  }
  if (admission->refusal) {
    way.response = std::move(*admission->refusal);
    co_return true;
  }
  if (int status = refuse_body(c.home.limits(), exchange.head, *admission); status != 0) {
    way.response = plain_response(status);
    co_return true;
  }
  bool refused = false;
  bool here = co_await receive_body(way, *admission, refused);
  if (!here || refused) co_return here;
  way.request.head = exchange.head;
  guarded("handle", [&] {
    application.handle(std::move(way.request), callback(way.exchange, exchange.response));
  });
  if (!exchange.response.given()) co_await exchange.response.wait();
  if (c.lost) co_return false;
  auto response = exchange.response.take();
  way.response = response ? std::move(*response) : plain_response(500);
  co_return true;
}

// From a head that was understood to the last byte of its answer.
loop::Task<> serve_request(Way& way) {
  Connection& c = way.c;
  Exchange& exchange = *way.exchange;
  bool here = co_await make_response(way);
  Sent sent = Sent::broken;
  if (here) {
    way.keep_alive = way.keep_alive && !c.home.stopping() &&
                     can_discard(c.home.limits(), way.body, way.waits_for_leave);
    sent = co_await send_response(c, exchange, way.response, way.keep_alive);
  }
  auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - exchange.begun);
  guarded("finished", [&] {
    c.door.application->finished(exchange.head, exchange.status, exchange.sent, took);
  });
  if (sent == Sent::broken) {
    c.abort();
    co_return;
  }
  bool goes_on = sent == Sent::keeps_alive;
  bool unread =
      way.body.state == Incoming::State::open || way.body.state == Incoming::State::too_large;
  if (unread && !way.waits_for_leave) {
    bool all = co_await discard(c, way.body);
    goes_on = goes_on && all;
  }
  if (goes_on) co_return;
  c.closing = true;
  // A client that wanted the end sends nothing more, which the close could collide with.
  if (way.client_ends && way.body.ended) co_return;
  co_await linger(c);
}

// Answers what never became a request.
loop::Task<> refuse(Connection& c, Exchange& exchange, int status) {
  c.closing = true;
  exchange.head.request_id = c.home.new_request_id();
  http::Response response = plain_response(status);
  Sent sent = co_await send_response(c, exchange, response, false);
  if (sent != Sent::broken) co_await linger(c);
}

loop::Task<> one_request(Connection& c) {
  auto exchange = std::make_shared<Exchange>(c.home.loop().mailbox());
  RawHead raw;
  HeadRead read = co_await read_head(c, raw);
  if (!read.whole && read.refuse_status == 0) {
    c.closing = true;
    co_return;
  }
  int status = read.refuse_status;
  Incoming body;
  bool keep_alive = raw.keep_alive;
  bool client_ends = !keep_alive;
  if (status == 0) {
    body.chunked = raw.chunked;
    body.left = raw.content_length.value_or(0);
    Origin origin{c.peer, &c.home.shared().trusted_proxies, c.door.fixed_host};
    status = make_head(std::move(raw), origin, exchange->head);
  }
  if (status != 0) {
    co_await refuse(c, *exchange, status);
    co_return;
  }
  c.home.requests.fetch_add(1, std::memory_order_relaxed);
  exchange->head.request_id = c.home.new_request_id();
  exchange->begun = SteadyClock::now();
  body.ended = !exchange->head.has_body;
  if (body.ended) body.state = Incoming::State::complete;
  if (++c.requests >= c.home.limits().requests_per_connection_max) keep_alive = false;
  bool waits_for_leave = exchange->head.expects_continue;
  Way way{c, exchange, body, keep_alive, client_ends, waits_for_leave, {}, {}};
  c.exchange = exchange;
  co_await serve_request(way);
  c.exchange.reset();
}

}  // namespace

loop::Task<> serve(std::unique_ptr<Connection> connection) {
  Connection& c = *connection;
  int turn = 0;
  while (!c.closing) {
    bool more = co_await next_request(c);
    if (!more) break;
    co_await one_request(c);
    if (++turn % kRequestsPerTurn == 0) co_await loop::yield();
  }
}

}  // namespace essaim::http_server
