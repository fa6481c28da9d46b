// A request that may set a password: who asks and whether they may is found out in a turn, the
// password is hashed on the gate's pool, and the rest is a RequestVisit that knows the hash.
#pragma once

#include <string>

#include "server/router/visit.h"

namespace essaim::router {

class HashVisit final : public Visit {
 public:
  HashVisit(const Parts& parts, fleet::Route space, const Route& route, http::Request request,
            Done<http::Response> done);

 private:
  const http::RequestHead& head() const override { return request_.head; }
  lane::Verdict run(store::ReadTx& tx, store::WriteTx* write,
                    const access::Caller* caller) override;
  void finish() override;
  void refuse(http::Response response) override;
  bool needs_write() const override { return false; }
  void go_on(std::string password_hash);

  http::Request request_;
  Done<http::Response> done_;
  std::string password_;
};

}  // namespace essaim::router
