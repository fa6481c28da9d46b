#include "server/router/preview_visit.h"

#include <utility>

#include "server/previewer/previewer.h"

namespace essaim::router {

PreviewVisit::PreviewVisit(const Parts& parts, fleet::Route space, const Route& route,
                           http::Request request, Done<http::Response> done)
    : Visit(parts, std::move(space), route), request_(std::move(request)), done_(std::move(done)) {}

lane::Verdict PreviewVisit::run(store::ReadTx& tx, store::WriteTx*, const access::Caller* caller) {
  plan_ = route_.plan(tx, make_call(caller));
  // Opened here, where the content cannot be swept; whether it is needed shows later.
  if (!plan_.answer) content_.emplace(parts_.blobs.open(tx, plan_.wanted.hash));
  return lane::Verdict::undo;
}

void PreviewVisit::finish() {
  if (plan_.answer) return done_(std::move(*plan_.answer));
  if (!*content_) return refuse(refusal(content_->error()));
  if (parts_.previews == nullptr) return done_(std::move(plan_.wanted.none));
  previewer::Wanted wanted{.space = space_.id,
                           .hash = plan_.wanted.hash,
                           .kind = plan_.wanted.kind,
                           .shape = plan_.wanted.shape,
                           .content = std::move(**content_)};
  auto self = std::static_pointer_cast<PreviewVisit>(shared_from_this());
  parts_.previews->get(std::move(wanted), [self](previewer::Made made) {
    auto& plan = self->plan_.wanted;
    if (made) return self->done_(pictures::picture(plan, std::move(*made)));
    if (made.error().code == Code::not_found) return self->done_(std::move(plan.none));
    self->refuse(self->refusal(made.error()));
  });
}

void PreviewVisit::refuse(http::Response response) {
  done_(std::move(response));
}

}  // namespace essaim::router
