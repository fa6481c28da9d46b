// The route table: host to space, address and method to handler; and the way of one request through
// gate, lane and handler. The http_server's Application for everything but the operator's socket.
#pragma once

#include <memory>
#include <string>

#include "base/secrets/secrets.h"
#include "base/time/clock.h"
#include "features/fleet/registry.h"
#include "platform/http_server/server.h"
#include "server/gate/gate.h"
#include "server/previewer/portraits.h"
#include "server/previewer/previewer.h"
#include "space/blobs/blobs.h"
#include "space/lane/lanes.h"

namespace essaim::router {

struct Parts {
  lane::Lanes& lanes;
  blobs::Store& blobs;
  fleet::Registry& registry;
  gate::Gate& gate;
  const Clock& clock;
  const secrets::Key& key;
  previewer::Previewer* previews = nullptr;   // none: no previews
  previewer::Portraits* portraits = nullptr;  // none: nobody sets a picture of their own
};

class Router final : public http_server::Application {
 public:
  explicit Router(Parts parts);
  ~Router() override;
  void admit(const http::RequestHead& head, Done<http_server::Admission> done) override;
  void handle(http::Request request, Done<http::Response> done) override;
  void finished(const http::RequestHead& head, int status, ByteCount sent,
                std::chrono::microseconds took) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::router
