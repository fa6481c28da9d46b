#include "server/router/hash_visit.h"

#include <utility>

namespace essaim::router {

HashVisit::HashVisit(const Parts& parts, fleet::Route space, const Route& route,
                     http::Request request, Done<http::Response> done)
    : Visit(parts, std::move(space), route), request_(std::move(request)), done_(std::move(done)) {}

lane::Verdict HashVisit::run(store::ReadTx& tx, store::WriteTx*, const access::Caller* caller) {
  call::Call call = make_call(caller);
  call.body = request_.body;
  password_ = route_.new_password(tx, call);
  return lane::Verdict::undo;
}

void HashVisit::finish() {
  if (password_.empty()) return go_on({});
  auto self = std::static_pointer_cast<HashVisit>(shared_from_this());
  parts_.gate.hash(space_.id, std::move(password_), head().remote_address,
                   [self](Result<std::string> hash) {
                     if (!hash) return self->refuse(self->refusal(hash.error()));
                     self->go_on(std::move(*hash));
                   });
}

void HashVisit::go_on(std::string password_hash) {
  std::make_shared<RequestVisit>(parts_, space_, route_, std::move(request_),
                                 Prepared{.password_hash = std::move(password_hash)},
                                 std::move(done_))
      ->start();
}

void HashVisit::refuse(http::Response response) {
  done_(std::move(response));
}

}  // namespace essaim::router
