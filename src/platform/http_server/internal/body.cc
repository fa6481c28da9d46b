#include "platform/http_server/internal/body.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <functional>
#include <utility>

#include "base/log/log.h"
#include "platform/http_server/internal/io.h"

namespace essaim::http_server {
namespace {

// Encoded bytes asked for at a time.
constexpr std::size_t kChunkRoom = 64 * 1024;
// Bytes asked for at a time where they are not kept, or end in memory.
constexpr std::size_t kSmallRoom = 16 * 1024;
// The first room of a body in memory; it doubles.
constexpr std::size_t kMemoryRoom = 1024;
// The first piece of an upload; each next one is four times larger, up to body_piece: a client that
// sends little does not hold much.
constexpr ByteCount kFirstPiece = 16 * kKiB;
constexpr ByteCount kPieceGrowth = 4;

using State = Incoming::State;

void count_window(Connection& c, Incoming& body, std::size_t bytes) {
  const Limits& limits = c.home.limits();
  body.window_bytes += static_cast<ByteCount>(bytes);
  if (body.window_bytes * 1000 < limits.body_rate_min * limits.body_rate_window.count()) return;
  start_window(c, body);
}

void end(Incoming& body) {
  body.state = State::complete;
  body.ended = true;
}

State state_after(Trouble trouble) {
  switch (trouble) {
    case Trouble::none:
      return State::open;
    case Trouble::ended:
      return State::cut;
    case Trouble::timed_out:
      return State::too_slow;
    case Trouble::lost:
      return State::lost;
  }
  return State::lost;
}

// Body bytes that are there already, received together with the head or with earlier chunks.
std::size_t take_buffered(Connection& c, Incoming& body, std::span<std::byte> out) {
  if (c.in.empty()) return 0;
  if (!body.chunked) {
    std::string_view bytes = c.in.bytes().substr(0, std::min(out.size(), c.in.bytes().size()));
    bytes = bytes.substr(0, static_cast<std::size_t>(body.left));
    std::memcpy(out.data(), bytes.data(), bytes.size());
    c.in.consume(bytes.size());
    return bytes.size();
  }
  auto decoded = body.decoder.decode(c.in.bytes(), out);
  c.in.consume(decoded.used);
  if (decoded.complete) end(body);
  if (decoded.malformed) body.state = State::malformed;
  return decoded.written;
}

void count(Incoming& body, std::size_t bytes) {
  body.received += static_cast<ByteCount>(bytes);
  if (body.chunked) return;
  body.left -= static_cast<ByteCount>(bytes);
  if (body.left == 0) end(body);
}

// Reads at least one byte of the body; 0 when its state is no longer open.
loop::Task<std::size_t> read_some(Connection& c, Incoming& body, std::span<std::byte> out) {
  while (body.state == State::open) {
    std::size_t taken = take_buffered(c, body, out);
    if (taken > 0) {
      count(body, taken);
      co_return taken;
    }
    if (body.state != State::open) break;
    std::span<char> room;
    if (body.chunked) {
      room = c.in.room(kChunkRoom);
    } else {
      auto least = std::min(out.size(), static_cast<std::size_t>(body.left));
      room = {reinterpret_cast<char*>(out.data()), least};
    }
    Received received = co_await receive(c, room, body.window_end);
    body.state = state_after(received.trouble);
    if (received.bytes == 0) break;
    count_window(c, body, received.bytes);
    if (body.chunked) {
      c.in.added(received.bytes);
      continue;
    }
    count(body, received.bytes);
    co_return received.bytes;
  }
  co_return 0;
}

// Starts `work` on a body worker; settle() waits for it.
void start_job(Connection& c, const std::shared_ptr<Upload>& upload,
               std::move_only_function<Result<void>(Upload&)> work) {
  auto answer = std::make_shared<Upload::Written>(c.home.loop().mailbox());
  upload->pending = answer;
  c.home.shared().workers->run(
      group_of(c),
      [upload, work = std::move(work), promise = loop::Promise<Result<void>>(answer)]() mutable {
        Result<void> result;
        try {
          result = work(*upload);
        } catch (const std::exception& error) {
          log::error("body-sink-exception", {{"what", error.what()}});
          result = fail(Code::internal, error.what());
        }
        promise(std::move(result));
      });
}

Result<void> write_piece(Upload& upload) {
  return upload.sink->write({upload.piece.get(), upload.piece_size});
}

Result<void> finish_sink(Upload& upload) {
  return upload.sink->finish();
}

// Waits until no job is under way and keeps its error.
loop::Task<> settle(Upload& upload) {
  if (!upload.pending) co_return;
  co_await upload.pending->wait();
  auto result = upload.pending->take();
  upload.pending.reset();
  if (upload.error) co_return;
  if (!result) {
    upload.error = Error{Code::internal, "body worker"};
  } else if (!*result) {
    upload.error = std::move(result->error());
  }
}

// The piece that is being filled while another is written.
struct Filling {
  std::unique_ptr<std::byte[]> bytes;
  std::size_t capacity = 0;
  std::size_t size = 0;

  void make_room(ByteCount wanted) {
    size = 0;
    if (static_cast<ByteCount>(capacity) >= wanted) return;
    capacity = static_cast<std::size_t>(wanted);
    bytes = std::make_unique_for_overwrite<std::byte[]>(capacity);
  }
  std::span<std::byte> room() { return {bytes.get() + size, capacity - size}; }
  void swap_with(Upload& upload) {
    std::swap(bytes, upload.piece);
    std::swap(capacity, upload.piece_capacity);
    std::swap(size, upload.piece_size);
  }
};

}  // namespace

void start_window(Connection& c, Incoming& body) {
  body.window_bytes = 0;
  body.window_end = SteadyClock::now() + c.home.limits().body_rate_window;
}

loop::Task<> receive_to_memory(Connection& c, Incoming& body, std::string& out, ByteCount most) {
  std::size_t size = 0;
  // One byte more than allowed is looked for, to know a body that is too large from one that fits.
  const auto end = static_cast<std::size_t>(body.chunked ? most + 1 : body.left);
  while (body.state == State::open) {
    // Room grows with what has come: an announcement alone takes none.
    if (size == out.size()) out.resize(std::min(std::max(2 * size, kMemoryRoom), end));
    std::span<std::byte> room(reinterpret_cast<std::byte*>(out.data()) + size, out.size() - size);
    std::size_t taken = co_await read_some(c, body, room);
    size += taken;
    if (body.received > most) body.state = State::too_large;
  }
  out.resize(size);
}

loop::Task<> receive_to_sink(Connection& c, Incoming& body, std::shared_ptr<Upload>& upload,
                             ByteCount most) {
  Filling filling;
  ByteCount piece = std::min(kFirstPiece, c.home.limits().body_piece);
  bool more = true;
  while (more && !upload->error) {
    filling.make_room(body.chunked ? piece : std::min(piece, std::max(body.left, ByteCount{1})));
    while (!filling.room().empty() && body.state == State::open) {
      std::size_t taken = co_await read_some(c, body, filling.room());
      filling.size += taken;
      if (body.received > most) body.state = State::too_large;
    }
    more = body.state == State::open;
    if (!more && body.state != State::complete) break;
    if (upload->pending) {
      co_await settle(*upload);
      start_window(c, body);  // the time our own disk took is not the client's
    }
    if (upload->error || filling.size == 0) continue;
    filling.swap_with(*upload);
    start_job(c, upload, write_piece);
    piece = std::min(piece * kPieceGrowth, c.home.limits().body_piece);
  }
  co_await settle(*upload);
  if (upload->error || body.state != State::complete) co_return;
  start_job(c, upload, finish_sink);
  co_await settle(*upload);
}

void drop_upload(Connection& c, std::shared_ptr<Upload> upload) {
  if (!upload || !upload->sink) return;
  c.home.shared().workers->run(group_of(c),
                               [upload = std::move(upload)]() mutable { upload.reset(); });
}

loop::Task<bool> discard(Connection& c, Incoming& body) {
  const Limits& limits = c.home.limits();
  SteadyTime deadline = SteadyClock::now() + limits.discard_time;
  ByteCount left = limits.discard_max;
  auto room = std::make_unique_for_overwrite<std::byte[]>(kSmallRoom);
  std::span<std::byte> out(room.get(), kSmallRoom);
  if (body.ended) co_return true;
  body.state = State::open;
  start_window(c, body);
  while (left > 0 && body.state == State::open) {
    body.window_end = std::min(body.window_end, deadline);
    std::size_t taken = co_await read_some(c, body, out);
    left -= static_cast<ByteCount>(taken);
    if (SteadyClock::now() > deadline) break;
  }
  co_return body.ended;
}

}  // namespace essaim::http_server
