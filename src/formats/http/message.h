// A request and a response as values: no sockets here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/core/error.h"
#include "base/core/fd.h"
#include "base/core/types.h"

namespace essaim::http {

// Header fields in the order they came. Names compare without case (RFC 9110 §5.1).
class Headers {
 public:
  // Adds one more field, even when the name is there already.
  void add(std::string_view name, std::string_view value);
  // Replaces every field of that name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  // The first value of that name, trimmed of spaces.
  std::optional<std::string_view> get(std::string_view name) const;
  // All values of that name joined by ", " (RFC 9110 §5.3); empty when there is none.
  std::string joined(std::string_view name) const;
  // True when a comma-separated field of that name holds `token`, without case.
  bool has_token(std::string_view name, std::string_view token) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// The first lines of a request: everything but the body.
struct RequestHead {
  std::string method;  // as sent: "PROPFIND"; methods are case-sensitive
  std::string path;    // raw, still percent-encoded, without the query; starts with '/'
  std::string query;   // raw, without '?'
  Headers headers;
  int minor_version = 1;       // HTTP/1.<minor>
  std::string scheme;          // "http" or "https", as seen through the trusted proxy
  std::string host;            // name or address, lower case, without port, IPv6 without brackets
  std::string host_and_port;   // as the client wrote it: for absolute URLs that go back to it
  std::string remote_address;  // of the client, through the trusted proxy
  std::string request_id;      // one per request: in the log and in X-Request-Id
  std::optional<ByteCount> content_length;  // absent: no body, or a chunked one of unknown length
  bool has_body = false;
  bool expects_continue = false;
};

// Receives a body as it arrives, in order, called by one thread at a time but never on a loop
// thread: it may write to disk. After an error the body is read and thrown away.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  // The body is complete: its length was the announced one.
  virtual Result<void> finish() = 0;
};

// Makes a response body piece by piece, called on a worker each time the client has taken the last
// piece. Never reads the database. An empty piece ends the body; an error closes the connection, so
// that the client sees a cut body and not a short one.
class Source {
 public:
  virtual ~Source() = default;
  // At most about 64 KiB.
  virtual Result<std::string> next() = 0;
};

struct FileRange {
  UniqueFd file;
  ByteCount offset = 0;
  ByteCount length = 0;
};

using Body = std::variant<std::string, FileRange, std::unique_ptr<Source>>;

struct Response {
  int status = 200;
  Headers headers;
  Body body;
  // Length of a Source body when it is known: sent as Content-Length instead of chunks.
  std::optional<ByteCount> source_length;
};

// A whole request: the head, and the body either in memory or behind the sink that took it.
struct Request {
  RequestHead head;
  std::string body;                // when the admission gave no sink
  std::unique_ptr<BodySink> sink;  // the one the admission gave, after finish()
  // Set when the sink's write() or finish() failed: the body is not there, and this is why.
  std::optional<Error> sink_error = {};
};

// "Not Found" for 404.
std::string_view reason(int status);

}  // namespace essaim::http
