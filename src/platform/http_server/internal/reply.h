// A response on its way out.
#pragma once

#include <cstdint>

#include "formats/http/message.h"
#include "platform/http_server/internal/connection.h"
#include "platform/loop/task.h"

namespace essaim::http_server {

enum class Sent : std::uint8_t {
  keeps_alive,  // whole; another request may follow
  ends,         // whole; the connection ends
  broken,       // not whole: the connection must be aborted, so that the client can tell
};

// Sends the response of `exchange`, head and body, and sets its status and sent. A response that
// breaks the rules is replaced by a 500. `keep_alive` says whether the connection may go on.
loop::Task<Sent> send_response(Connection& c, Exchange& exchange, http::Response& response,
                               bool keep_alive);

}  // namespace essaim::http_server
