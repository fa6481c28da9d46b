// The operator's door: takes requests from the Unix socket, runs them on a few workers of its own,
// so that an operator's long command never holds a loop thread or a worker of the spaces.
#pragma once

#include <chrono>
#include <memory>

#include "formats/http/message.h"
#include "platform/http_server/server.h"
#include "protocols/fleet_api/api.h"

namespace essaim::door {

struct Limits {
  int workers = 4;      // threads; an import, an export being prepared or a doctor keeps one busy
  int queue_max = 256;  // waiting requests; beyond: 503
};

class Door final : public http_server::Application {
 public:
  Door(fleet_api::Api& api, Limits limits);
  // Finishes the requests that are running; the http server has stopped before.
  ~Door() override;

  void admit(const http::RequestHead& head, Done<http_server::Admission> done) override;
  void handle(http::Request request, Done<http::Response> done) override;
  void finished(const http::RequestHead& head, int status, ByteCount sent,
                std::chrono::microseconds took) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::door
