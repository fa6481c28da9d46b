#include "server/router/visit.h"

#include "base/log/log.h"
#include "features/members/members.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/ocs/reply.h"
#include "protocols/site/site.h"
#include "server/router/blob_sink.h"

namespace essaim::router {

http::Response error_response(Dialect dialect, const http::RequestHead& head,
                              call::Language language, const Error& error) {
  switch (dialect) {
    case Dialect::dav:
      return dav::error_response(error, language);
    case Dialect::ocs:
      return ocs::refuse(head, language, error);
    case Dialect::web:
      break;
  }
  if (error.code == Code::closed) return site::closed(language);
  if (error.code == Code::not_found) return site::not_found(language);
  return dav::error_response(error, language);
}

http::Response sign_in_response(Dialect dialect, const http::RequestHead& head,
                                std::string_view realm, call::Language language) {
  if (dialect == Dialect::ocs) return ocs::unauthorized(head, realm, language);
  return dav::unauthorized(head, realm, language);
}

Visit::Visit(const Parts& parts, fleet::Route space, const Route& route)
    : parts_(parts),
      space_(std::move(space)),
      route_(route),
      view_{space_.slug, space_.display_name, space_.main_host},
      owns_host_([this](std::string_view host) {
        auto found = parts_.registry.find_host(host);
        return found && found->id == space_.id;
      }) {}

void Visit::start() {
  auto self = shared_from_this();
  auto done = [self](Result<void> fate) { self->after_turn(std::move(fate)); };
  if (needs_write()) {
    parts_.lanes.write(
        space_.id, [self](store::WriteTx& tx) { return self->in_turn(tx, &tx); }, std::move(done));
  } else {
    parts_.lanes.read(
        space_.id, [self](store::ReadTx& tx) { (void)self->in_turn(tx, nullptr); },
        std::move(done));
  }
}

lane::Verdict Visit::in_turn(store::ReadTx& tx, store::WriteTx* write) {
  using Kind = gate::Identity::Kind;
  entered_ = false;
  identity_ = parts_.gate.identify(tx, head());
  bool anonymous = identity_.kind == Kind::anonymous && route_.sign_in == SignIn::optional;
  if (identity_.kind != Kind::known && !anonymous) return lane::Verdict::undo;
  entered_ = true;
  return run(tx, write, anonymous ? nullptr : &identity_.caller);
}

void Visit::after_turn(Result<void> fate) {
  using Kind = gate::Identity::Kind;
  if (!fate) {
    log::warning("turn", {{"id", head().request_id},
                          {"space", space_.id.value},
                          {"error", name(fate.error().code)},
                          {"detail", fate.error().detail}});
    // That the space itself is not found is damage or a farewell. Never 404: clients would take it
    // for a deletion of what was asked for, and repeat that at home.
    if (fate.error().code == Code::not_found) return refuse(refusal({Code::closed, "no space"}));
    return refuse(refusal(fate.error()));
  }
  if (entered_) {
    if (identity_.touch_token) touch_token();
    return finish();
  }
  if (identity_.kind == Kind::unverified && !hashed_) {
    hashed_ = true;
    auto self = shared_from_this();
    return parts_.gate.verify(space_.id, head(), identity_.password_hash,
                              [self](Result<bool> right) { self->after_hash(std::move(right)); });
  }
  if (identity_.kind == Kind::throttled) {
    log_sign_in("throttled");
    return refuse(refusal({Code::too_many, "log-ins"}));
  }
  if (identity_.kind == Kind::refused) log_sign_in("refused");
  refuse(sign_in_response(dialect_of(route_.area), head(), view_.display_name, language()));
}

void Visit::after_hash(Result<bool> right) {
  if (!right) {
    log_sign_in("not checked");
    return refuse(refusal(right.error()));
  }
  if (!*right) {
    log_sign_in("refused");
    return refuse(
        sign_in_response(dialect_of(route_.area), head(), view_.display_name, language()));
  }
  start();
}

// Without the name that was tried: people type passwords there.
void Visit::log_sign_in(std::string_view outcome) const {
  log::warning("sign-in", {{"id", head().request_id},
                           {"space", space_.id.value},
                           {"from", head().remote_address},
                           {"outcome", outcome}});
}

void Visit::touch_token() {
  parts_.lanes.write(
      space_.id,
      [token = identity_.caller.token](store::WriteTx& tx) {
        members::touch_token(tx, token);
        return lane::Verdict::keep;
      },
      [](Result<void>) {});
}

call::Call Visit::make_call(const access::Caller* caller) const {
  return call::Call{.head = head(),
                    .space = view_,
                    .caller = caller,
                    .body = {},
                    .blob = nullptr,
                    .blobs = parts_.blobs,
                    .key = parts_.key,
                    .language = language(),
                    .owns_host = owns_host_};
}

HeadVisit::HeadVisit(const Parts& parts, fleet::Route space, const Route& route,
                     const http::RequestHead& head, Done<http_server::Admission> done)
    : Visit(parts, std::move(space), route), head_(head), done_(std::move(done)) {}

lane::Verdict HeadVisit::run(store::ReadTx& tx, store::WriteTx*, const access::Caller* caller) {
  admitted_ = route_.admit(tx, make_call(caller));
  return lane::Verdict::undo;
}

void HeadVisit::finish() {
  if (admitted_.refusal) return refuse(std::move(*admitted_.refusal));
  http_server::Admission admission;
  admission.body_max = route_.body == Body::blob ? kFileBodyMax : kMemoryBodyMax;
  if (route_.body == Body::blob) {
    auto extra = dav::announced_checksum(head_.headers);
    if (!extra) return refuse(refusal(extra.error()));
    auto spool = parts_.blobs.begin(space_.id, *extra);
    if (!spool) return refuse(refusal(spool.error()));
    admission.sink = std::make_unique<BlobSink>(std::move(*spool), admitted_.room);
    admission.always_sink = !head_.content_length || *head_.content_length > blobs::kInlineMax;
  }
  done_(std::move(admission));
}

void HeadVisit::refuse(http::Response response) {
  response.headers.set("Cache-Control", "no-store");
  http_server::Admission admission;
  admission.refusal = std::move(response);
  done_(std::move(admission));
}

JoinVisit::JoinVisit(const Parts& parts, Joins& joins, fleet::Route space, const Route& route,
                     http::Request request, Done<http::Response> done)
    : Visit(parts, std::move(space), route),
      joins_(joins),
      request_(std::move(request)),
      done_(std::move(done)) {}

lane::Verdict JoinVisit::run(store::ReadTx& tx, store::WriteTx*, const access::Caller* caller) {
  plan_.emplace(dav::plan_join(tx, make_call(caller)));
  transfer_ = space_.id.value + "/" + caller->uid + request_.head.path;
  return lane::Verdict::undo;
}

void JoinVisit::finish() {
  if (!*plan_) return refuse(refusal(plan_->error()));
  auto self = std::static_pointer_cast<JoinVisit>(shared_from_this());
  switch (joins_.start(space_.id, transfer_, [self] { self->join(); })) {
    case Joins::Started::yes:
      return;
    // CLIENT: rclone and the desktop wait and ask again at 423.
    case Joins::Started::already:
      return refuse(refusal({Code::locked, "being joined"}));
    case Joins::Started::full:
      return refuse(refusal({Code::busy, "too many joins wait"}));
  }
}

void JoinVisit::join() {
  auto extra = dav::announced_checksum(request_.head.headers);
  auto blob = dav::join(**plan_, space_.id, parts_.blobs, extra ? *extra : std::nullopt);
  // The transfer stays closed to others until the answer is out.
  auto done = [&joins = joins_, transfer = transfer_,
               done = std::move(done_)](http::Response response) mutable {
    joins.finished(transfer);
    done(std::move(response));
  };
  if (!blob) return done(refusal(blob.error()));
  std::make_shared<RequestVisit>(parts_, space_, route_, std::move(request_), std::move(*blob),
                                 std::move(done))
      ->start();
}

void JoinVisit::refuse(http::Response response) {
  done_(std::move(response));
}

RequestVisit::RequestVisit(const Parts& parts, fleet::Route space, const Route& route,
                           http::Request request, std::optional<blobs::SpooledBlob> blob,
                           Done<http::Response> done)
    : Visit(parts, std::move(space), route),
      request_(std::move(request)),
      blob_(std::move(blob)),
      done_(std::move(done)) {}

lane::Verdict RequestVisit::run(store::ReadTx& tx, store::WriteTx* write,
                                const access::Caller* caller) {
  call::Call call = make_call(caller);
  call.body = request_.body;
  call.blob = blob_ ? &*blob_ : nullptr;
  if (write == nullptr) {
    response_ = route_.read(tx, call);
    return lane::Verdict::undo;
  }
  call::Answer answer = route_.write(*write, call);
  response_ = std::move(answer.response);
  return answer.keep == call::Keep::yes ? lane::Verdict::keep : lane::Verdict::undo;
}

void RequestVisit::finish() {
  done_(std::move(response_));
}

void RequestVisit::refuse(http::Response response) {
  done_(std::move(response));
}

}  // namespace essaim::router
