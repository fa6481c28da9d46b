#include "server/router/visit.h"

#include <future>

#include "base/log/log.h"
#include "base/text/text.h"
#include "features/members/members.h"
#include "features/members/sessions.h"
#include "formats/http/if_header.h"
#include "formats/uri/uri.h"
#include "protocols/call/page.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/preconditions.h"
#include "protocols/login/flows.h"
#include "protocols/login/second_factor.h"
#include "protocols/ocs/reply.h"
#include "protocols/pictures/own_picture.h"
#include "server/router/blob_sink.h"
#include "server/router/portrait_sink.h"

namespace essaim::router {

http::Response error_response(Dialect dialect, const http::RequestHead& head,
                              call::Language language, const Error& error) {
  switch (dialect) {
    case Dialect::dav:
      return dav::error_response(error, language);
    case Dialect::ocs:
      return ocs::refuse(head, language, error);
    case Dialect::flow:
      return login::refuse(language, error);
    case Dialect::web:
      break;
  }
  return call::error_page(language, error, {});
}

http::Response sign_in_response(Dialect dialect, const http::RequestHead& head,
                                std::string_view realm, call::Language language) {
  if (dialect == Dialect::ocs) return ocs::unauthorized(head, realm, language);
  return dav::unauthorized(head, realm, language);
}

http::Response password_alone_response(Dialect dialect, const http::RequestHead& head,
                                       std::string_view realm, call::Language language) {
  if (dialect == Dialect::ocs) return ocs::password_forbidden(head, realm, language);
  return dav::password_forbidden(head, realm, language);
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

std::optional<std::string> Visit::field(std::string_view name) const {
  auto value = uri::form_value(form(), name);
  if (!value || value->empty()) return std::nullopt;
  return value;
}

std::optional<http::BasicCredentials> Visit::typed() const {
  if (route_.sign_in == SignIn::session_form) {
    auto password = field("password");
    if (!password) return std::nullopt;
    return http::BasicCredentials{session_uid_, std::move(*password)};
  }
  auto user = uri::form_value(form(), "user");
  auto password = uri::form_value(form(), "password");
  if (!user || !password) return std::nullopt;
  // People copy an app token with the space around it.
  if (route_.sign_in == SignIn::form_token) password = text::trim(*password);
  return http::BasicCredentials{std::string(text::trim(*user)), std::move(*password)};
}

bool Visit::may_try_code(std::string_view uid) {
  // A turn may be run again: that is the same try.
  if (!code_uid_.empty()) return true;
  if (!parts_.gate.may_try_code(space_.id, uid, head().remote_address)) {
    log_sign_in("throttled");
    return false;
  }
  code_uid_ = uid;
  return true;
}

void Visit::tried_code(call::Answer::CodeTyped typed) {
  if (code_uid_.empty()) return;
  bool right = typed == call::Answer::CodeTyped::right;
  if (!right) log_sign_in("refused");
  parts_.gate.tried_code(space_.id, code_uid_, head().remote_address,
                         right ? gate::Gate::Tried::right : gate::Gate::Tried::wrong);
}

bool Visit::wants_new_hash() const {
  if (form_ != call::FormSignIn::right || new_hash_asked_) return false;
  auto wanted = field("new_password");
  return wanted && members::check_password(*wanted).has_value();
}

// Whoever is signed in, and what becomes of the password or the code in their form.
gate::Identity Visit::identify_session_form(store::ReadTx& tx) {
  using Kind = gate::Identity::Kind;
  using Form = call::FormSignIn;
  auto who = parts_.gate.identify_session(tx, call::session_secret(head()));
  if (who.kind != Kind::known || form_ != Form::none) return who;
  session_uid_ = who.caller.uid;
  if (auto credentials = typed()) {
    auto check =
        parts_.gate.identify(tx, *credentials, gate::Accepts::password, head().remote_address);
    if (check.kind == Kind::unverified) return check;
    form_ = check.kind == Kind::known       ? Form::right
            : check.kind == Kind::throttled ? Form::throttled
                                            : Form::wrong;
  } else if (field("code") && !may_try_code(who.caller.uid)) {
    form_ = Form::throttled;
  }
  return who;
}

lane::Verdict Visit::in_session_form(store::ReadTx& tx, store::WriteTx* write) {
  using Kind = gate::Identity::Kind;
  entered_ = false;
  identity_ = identify_session_form(tx);
  if (identity_.kind == Kind::unverified || wants_new_hash()) return lane::Verdict::undo;
  entered_ = true;
  return run(tx, write, identity_.kind == Kind::known ? &identity_.caller : nullptr);
}

// No other site can have a browser send the header without asking first, nor in our name.
bool Visit::asked_by_our_page() const {
  return dialect_of(route_.area) == Dialect::ocs && head().headers.get("OCS-APIRequest") &&
         !call::session_secret(head()).empty() && call::from_our_pages(head());
}

gate::Identity Visit::identify(store::ReadTx& tx) {
  switch (route_.sign_in) {
    case SignIn::none:
    case SignIn::nobody:
      return {};
    case SignIn::optional:
    case SignIn::required:
      // A page of this site that runs as program asks as the browser's session.
      if (asked_by_our_page()) {
        return parts_.gate.identify_session(tx, call::session_secret(head()));
      }
      return parts_.gate.identify(tx, head());
    case SignIn::session:
      return parts_.gate.identify_session(tx, call::session_secret(head()));
    case SignIn::form_code:
      if (form_ == call::FormSignIn::none && field("code")) {
        auto half = login::half_signed_in(tx, head(), parts_.key);
        if (half && !may_try_code(half->uid)) form_ = call::FormSignIn::throttled;
      }
      return {};
    case SignIn::session_form:
    case SignIn::form_password:
    case SignIn::form_token:
      break;
  }
  auto credentials = typed();
  if (!credentials) return {};
  auto accepts =
      route_.sign_in == SignIn::form_token ? gate::Accepts::token : gate::Accepts::password;
  return parts_.gate.identify(tx, *credentials, accepts, head().remote_address);
}

lane::Verdict Visit::in_turn(store::ReadTx& tx, store::WriteTx* write) {
  using Kind = gate::Identity::Kind;
  using Form = call::FormSignIn;
  if (route_.sign_in == SignIn::session_form) return in_session_form(tx, write);
  entered_ = false;
  // The handler of a form shows the form again, so it runs whatever became of the password.
  bool decided = form_ == Form::wrong || form_ == Form::throttled;
  if (!decided) identity_ = identify(tx);
  bool known = !decided && identity_.kind == Kind::known;
  if (takes_form() && !decided) {
    if (known) form_ = Form::right;
    if (identity_.kind == Kind::refused) form_ = Form::wrong;
    if (identity_.kind == Kind::throttled) form_ = Form::throttled;
    decided = form_ == Form::wrong || form_ == Form::throttled;
  }
  bool anonymous = identity_.kind == Kind::anonymous && route_.sign_in != SignIn::required;
  if (!known && !anonymous && !decided) return lane::Verdict::undo;
  entered_ = true;
  identity_.caller.lock_tokens = http::submitted_tokens(head().headers);
  return run(tx, write, known ? &identity_.caller : nullptr);
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
    if (identity_.kind == Kind::known && identity_.touch) touch();
    return finish();
  }
  if (identity_.kind == Kind::unverified && !hashed_) return verify();
  if (wants_new_hash()) return hash_new_password();
  if (takes_form()) {
    // The password was changed between the two turns.
    form_ = call::FormSignIn::wrong;
    return start();
  }
  if (identity_.kind == Kind::throttled) {
    log_sign_in("throttled");
    return refuse(refusal({Code::too_many, "log-ins"}));
  }
  if (identity_.kind == Kind::half) {
    log_sign_in("password alone");
    return refuse(
        password_alone_response(dialect_of(route_.area), head(), view_.display_name, language()));
  }
  if (identity_.kind == Kind::refused) log_sign_in("refused");
  refuse(sign_in_response(dialect_of(route_.area), head(), view_.display_name, language()));
}

void Visit::verify() {
  hashed_ = true;
  auto credentials = typed();
  if (!takes_form()) {
    auto basic = http::parse_basic(head().headers.get("Authorization").value_or(""));
    if (basic) credentials = std::move(*basic);
  }
  if (!credentials) return after_hash(false);
  auto self = shared_from_this();
  parts_.gate.verify(space_.id, std::move(*credentials), head().remote_address,
                     identity_.password_hash,
                     [self](Result<bool> right) { self->after_hash(std::move(right)); });
}

void Visit::after_hash(Result<bool> right) {
  if (takes_form()) {
    if (!right || !*right) log_sign_in(right ? "refused" : "not checked");
    if (!right) form_ = call::FormSignIn::throttled;
    if (right && !*right) form_ = call::FormSignIn::wrong;
    return start();
  }
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

void Visit::hash_new_password() {
  new_hash_asked_ = true;
  auto self = shared_from_this();
  parts_.gate.hash(space_.id, field("new_password").value_or(""), head().remote_address,
                   [self](Result<std::string> hash) {
                     if (hash) self->new_password_hash_ = std::move(*hash);
                     // Looked at again, in case the old one has changed meanwhile.
                     self->form_ = call::FormSignIn::none;
                     self->start();
                   });
}

// Without the name that was tried: people type passwords there.
void Visit::log_sign_in(std::string_view outcome) const {
  log::warning("sign-in", {{"id", head().request_id},
                           {"space", space_.id.value},
                           {"from", head().remote_address},
                           {"outcome", outcome}});
}

void Visit::touch() {
  parts_.lanes.write(
      space_.id,
      [token = identity_.caller.token, session = identity_.caller.session](store::WriteTx& tx) {
        if (token) members::touch_token(tx, token);
        if (session) members::touch_session(tx, session);
        return lane::Verdict::keep;
      },
      [](Result<void>) {});
}

namespace {

// Called on the threads that make bodies; the lanes end after them.
call::Later later_turns(lane::Lanes& lanes, const SpaceId& space) {
  return [&lanes, space](const std::function<void(store::ReadTx&)>& run) {
    std::promise<Result<void>> fate;
    lanes.read(
        space, [&run](store::ReadTx& tx) { run(tx); },
        [&fate](Result<void> result) { fate.set_value(std::move(result)); });
    return fate.get_future().get();
  };
}

}  // namespace

call::Call Visit::make_call(const access::Caller* caller) const {
  return call::Call{
      .head = head(),
      .space = view_,
      .caller = caller,
      .body = {},
      .blob = nullptr,
      .blobs = parts_.blobs,
      .key = parts_.key,
      .language = language(),
      .owns_host = owns_host_,
      .later = later_turns(parts_.lanes, space_.id),
      .previews = parts_.previews != nullptr ? parts_.previews->offer() : previews::Offer::nothing,
      .form = form_,
      .password_hash = new_password_hash_};
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
  if (route_.body == Body::portrait) {
    auto sink = PortraitSink::begin(parts_.blobs, space_.id,
                                    head_.headers.get("Content-Type").value_or(""));
    if (!sink) return refuse(refusal(sink.error()));
    admission.body_max = pictures::kPictureFormMax;
    admission.sink = std::move(*sink);
    admission.always_sink = true;
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
  if (!*plan_) refusal_ = dav::refusal(tx, make_call(caller), plan_->error());
  transfer_ = space_.id.value + "/" + caller->uid + request_.head.path;
  return lane::Verdict::undo;
}

void JoinVisit::finish() {
  if (!*plan_) return refuse(std::move(refusal_));
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
  std::make_shared<RequestVisit>(parts_, space_, route_, std::move(request_),
                                 Prepared{.blob = std::move(*blob)}, std::move(done))
      ->start();
}

void JoinVisit::refuse(http::Response response) {
  done_(std::move(response));
}

RequestVisit::RequestVisit(const Parts& parts, fleet::Route space, const Route& route,
                           http::Request request, Prepared prepared, Done<http::Response> done)
    : Visit(parts, std::move(space), route),
      request_(std::move(request)),
      prepared_(std::move(prepared)),
      done_(std::move(done)) {}

lane::Verdict RequestVisit::run(store::ReadTx& tx, store::WriteTx* write,
                                const access::Caller* caller) {
  call::Call call = make_call(caller);
  call.body = request_.body;
  call.blob = prepared_.blob ? &*prepared_.blob : nullptr;
  call.portrait = prepared_.portrait ? &*prepared_.portrait : nullptr;
  if (!prepared_.password_hash.empty()) call.password_hash = prepared_.password_hash;
  if (write == nullptr) {
    response_ = route_.read(tx, call);
    return lane::Verdict::undo;
  }
  call::Answer answer = route_.write(*write, call);
  response_ = std::move(answer.response);
  code_ = answer.code;
  return answer.keep == call::Keep::yes ? lane::Verdict::keep : lane::Verdict::undo;
}

void RequestVisit::finish() {
  tried_code(code_);
  done_(std::move(response_));
}

void RequestVisit::refuse(http::Response response) {
  done_(std::move(response));
}

}  // namespace essaim::router
