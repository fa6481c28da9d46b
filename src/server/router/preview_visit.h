// A request for a preview: decided in a turn of the space's lane, answered by the previewer.
#pragma once

#include <string>

#include "protocols/pictures/pictures.h"
#include "server/router/visit.h"

namespace essaim::router {

class PreviewVisit final : public Visit {
 public:
  PreviewVisit(const Parts& parts, fleet::Route space, const Route& route, http::Request request,
               Done<http::Response> done);

 private:
  const http::RequestHead& head() const override { return request_.head; }
  lane::Verdict run(store::ReadTx& tx, store::WriteTx* write,
                    const access::Caller* caller) override;
  void finish() override;
  void refuse(http::Response response) override;
  bool needs_write() const override { return false; }

  http::Request request_;
  Done<http::Response> done_;
  pictures::Plan plan_;
  std::optional<Result<blobs::Content>> content_;
};

}  // namespace essaim::router
