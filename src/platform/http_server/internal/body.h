// The body of a request on its way in: to memory, to a sink, or nowhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/core/error.h"
#include "formats/http/message.h"
#include "platform/http_server/internal/chunks.h"
#include "platform/http_server/internal/connection.h"
#include "platform/loop/task.h"

namespace essaim::http_server {

// How far a body has come.
struct Incoming {
  enum class State : std::uint8_t {
    open,       // more is expected
    complete,   // all of it was read
    too_large,  // more than was admitted; the rest is still to come
    cut,        // the peer stopped before the end
    malformed,  // chunks that make no sense
    too_slow,   // under the minimum rate
    lost,       // the connection broke
  };
  State state = State::open;
  bool ended = false;  // nothing of it is left on the wire, whatever the state
  bool chunked = false;
  ChunkDecoder decoder;  // when chunked
  ByteCount left = 0;    // when not chunked
  ByteCount received = 0;
  // The minimum rate: every `body_rate_min * body_rate_window` bytes buy another window.
  SteadyTime window_end{};
  ByteCount window_bytes = 0;
};

// Begins to count the time for the minimum rate.
void start_window(Connection& c, Incoming& body);

// Reads the body into `out`, up to `most` bytes.
loop::Task<> receive_to_memory(Connection& c, Incoming& body, std::string& out, ByteCount most);

// A body on its way to a sink. Shared with the job on the body workers that is writing, so that it
// outlives whichever of job and task ends first.
struct Upload {
  using Written = loop::Answer<Result<void>>;

  std::unique_ptr<http::BodySink> sink;
  std::optional<Error> error;  // of the sink's first failure

  // The piece that is being written. Not initialised before it is filled.
  std::unique_ptr<std::byte[]> piece;
  std::size_t piece_capacity = 0;
  std::size_t piece_size = 0;
  std::shared_ptr<Written> pending;  // set while a job runs
};

// Reads the body into upload->sink, up to `most` bytes, one piece being read while the last is
// written. Calls finish() on the sink when all came. Returns with no job under way; early after an
// error of the sink's.
loop::Task<> receive_to_sink(Connection& c, Incoming& body, std::shared_ptr<Upload>& upload,
                             ByteCount most);

// Destroys an upload on a body worker: a sink may have a large file to let go.
void drop_upload(Connection& c, std::shared_ptr<Upload> upload);

// Reads the rest of a body and throws it away, within discard_max and discard_time. True when all
// of it came.
loop::Task<bool> discard(Connection& c, Incoming& body);

}  // namespace essaim::http_server
