#include "platform/http_server/internal/reply.h"

#include <array>
#include <charconv>
#include <exception>
#include <string>
#include <utility>

#include "base/log/log.h"
#include "platform/http_server/internal/io.h"
#include "platform/http_server/internal/response_head.h"

namespace essaim::http_server {
namespace {

// The next piece of a source; what it throws is an error like any other.
Result<std::string> pull(http::Source& source) {
  try {
    return source.next();
  } catch (const std::exception& error) {
    return fail(Code::internal, error.what());
  }
}

using Pulled = loop::Answer<Result<std::string>>;

// `source` is shared with the job on the body workers, which may outlive the connection.
std::shared_ptr<Pulled> start_pull(Connection& c, const std::shared_ptr<http::Source>& source) {
  auto answer = std::make_shared<Pulled>(c.home.loop().mailbox());
  c.home.shared().workers->run(
      group_of(c), [source, promise = loop::Promise<Result<std::string>>(answer)]() mutable {
        promise(pull(*source));
      });
  return answer;
}

// "1f4\r\n"
struct ChunkLine {
  explicit ChunkLine(std::size_t size) {
    auto end = std::to_chars(text.data(), text.data() + text.size() - 2, size, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    length = static_cast<std::size_t>(end - text.data());
  }
  std::string_view view() const { return {text.data(), length}; }
  std::array<char, 20> text{};
  std::size_t length = 0;
};

loop::Task<bool> send_chunk(Connection& c, std::string_view piece, ByteCount& sent) {
  ChunkLine line(piece.size());
  Outgoing out;
  out.add(line.view());
  out.add(piece);
  out.add("\r\n");
  bool done = co_await send_all(c, out, sent);
  co_return done;
}

void log_source(const Exchange& exchange, std::string_view what) {
  log::error("response-cut", {{"request", exchange.head.request_id}, {"what", what}});
}

// Pulls and sends until the source ends. False cuts the connection, which is how the client learns
// that the body is not whole.
loop::Task<bool> send_source(Connection& c, Exchange& exchange, std::unique_ptr<http::Source>& body,
                             const ResponseHead& head) {
  std::shared_ptr<http::Source> source = std::move(body);
  ByteCount left = head.length;
  for (;;) {
    std::shared_ptr<Pulled> pulled = start_pull(c, source);
    co_await pulled->wait();
    auto piece = pulled->take();
    if (!piece || !*piece) {
      log_source(exchange, piece ? piece->error().detail : "no piece");
      co_return false;
    }
    const std::string& bytes = **piece;
    if (bytes.empty()) break;
    bool sent = false;
    if (head.framing == Framing::chunked) {
      sent = co_await send_chunk(c, bytes, exchange.sent);
    } else {
      left -= static_cast<ByteCount>(bytes.size());
      if (head.framing == Framing::length && left < 0) {
        log_source(exchange, "longer than promised");
        co_return false;
      }
      Outgoing out;
      out.add(bytes);
      sent = co_await send_all(c, out, exchange.sent);
    }
    if (!sent) co_return false;
  }
  if (head.framing == Framing::length && left != 0) {
    log_source(exchange, "shorter than promised");
    co_return false;
  }
  if (head.framing != Framing::chunked) co_return true;
  Outgoing out;
  out.add("0\r\n\r\n");
  bool ended = co_await send_all(c, out, exchange.sent);
  co_return ended;
}

// The head for `response`, which becomes a plain 500 when no head can be made for it.
ResponseHead head_for(Connection& c, const Exchange& exchange, http::Response& response,
                      bool keep_alive) {
  ResponseTo to{exchange.head.method, exchange.head.minor_version, exchange.head.request_id,
                c.home.date(), keep_alive};
  auto head = make_response_head(response, to);
  if (head) return std::move(*head);
  log::error("bad-response",
             {{"request", exchange.head.request_id}, {"what", head.error().detail}});
  response = plain_response(500);
  return make_response_head(response, to).value();
}

}  // namespace

loop::Task<Sent> send_response(Connection& c, Exchange& exchange, http::Response& response,
                               bool keep_alive) {
  ResponseHead head = head_for(c, exchange, response, keep_alive);
  bool has_body = head.framing != Framing::none;
  Outgoing out;
  out.add(head.bytes);
  auto* text = std::get_if<std::string>(&response.body);
  auto* range = std::get_if<http::FileRange>(&response.body);
  auto* source = std::get_if<std::unique_ptr<http::Source>>(&response.body);
  if (has_body && text) out.add(*text);
  out.more_follows = has_body && range && range->length > 0;
  bool sent = co_await send_all(c, out, exchange.sent);
  if (exchange.sent > 0) exchange.status = response.status;
  if (sent && has_body && range) {
    sent = co_await send_file(c, range->file.get(), range->offset, range->length, exchange.sent);
  }
  if (sent && has_body && source) {
    sent = co_await send_source(c, exchange, *source, head);
  }
  if (!sent) co_return Sent::broken;
  co_return head.keep_alive ? Sent::keeps_alive : Sent::ends;
}

}  // namespace essaim::http_server
