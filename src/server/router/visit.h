// One request on its way: sign-in and handler in one turn of the space's lane, with a detour over
// the hash pool when a password has to be verified.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "features/fleet/registry.h"
#include "features/members/picture.h"
#include "formats/http/message.h"
#include "platform/http_server/server.h"
#include "protocols/call/call.h"
#include "protocols/dav/uploads.h"
#include "server/gate/gate.h"
#include "server/router/joins.h"
#include "server/router/router.h"
#include "server/router/routes.h"

namespace essaim::router {

// An error in the words of the area's clients.
http::Response error_response(Dialect dialect, const http::RequestHead& head,
                              call::Language language, const Error& error);
http::Response sign_in_response(Dialect dialect, const http::RequestHead& head,
                                std::string_view realm, call::Language language);
// The password is right, and does not open here: 401, in words that say so.
http::Response password_alone_response(Dialect dialect, const http::RequestHead& head,
                                       std::string_view realm, call::Language language);

// What admission and handling share. Lives in a shared_ptr because the lane, the hash pool and the
// connection hold it in turn; each hands it on and forgets it.
class Visit : public std::enable_shared_from_this<Visit> {
 public:
  Visit(const Parts& parts, fleet::Route space, const Route& route);
  virtual ~Visit() = default;
  void start();

 protected:
  virtual const http::RequestHead& head() const = 0;
  // Inside the turn, the caller known (null: anonymous). `write` is null in a read turn.
  virtual lane::Verdict run(store::ReadTx& tx, store::WriteTx* write,
                            const access::Caller* caller) = 0;
  // Out of the turn: what run() made, or a refusal.
  virtual void finish() = 0;
  virtual void refuse(http::Response response) = 0;
  virtual bool needs_write() const = 0;
  // The body, where one is in memory.
  virtual std::string_view form() const { return {}; }
  // Out of the turn: how the one-time code of the form fared, if one was tried.
  void tried_code(call::Answer::CodeTyped typed);

  call::Call make_call(const access::Caller* caller) const;
  call::Language language() const { return call::language_of(head().headers); }
  http::Response refusal(const Error& error) const {
    return error_response(dialect_of(route_.area), head(), language(), error);
  }

  const Parts& parts_;
  fleet::Route space_;
  const Route& route_;
  call::SpaceView view_;
  std::function<bool(std::string_view)> owns_host_;

 private:
  lane::Verdict in_turn(store::ReadTx& tx, store::WriteTx* write);
  void after_turn(Result<void> fate);
  void verify();
  void after_hash(Result<bool> right);
  void hash_new_password();
  void touch();
  bool takes_form() const {
    return route_.sign_in == SignIn::form_password || route_.sign_in == SignIn::form_token ||
           route_.sign_in == SignIn::session_form;
  }
  // What was typed into the form; none when it has not both fields.
  std::optional<http::BasicCredentials> typed() const;
  // One field of the form; none when it is missing or empty.
  std::optional<std::string> field(std::string_view name) const;
  bool asked_by_our_page() const;
  gate::Identity identify(store::ReadTx& tx);
  // SignIn::session_form.
  gate::Identity identify_session_form(store::ReadTx& tx);
  lane::Verdict in_session_form(store::ReadTx& tx, store::WriteTx* write);
  bool wants_new_hash() const;
  bool may_try_code(std::string_view uid);
  void log_sign_in(std::string_view outcome) const;

  gate::Identity identity_;
  call::FormSignIn form_ = call::FormSignIn::none;
  bool entered_ = false;           // run() was reached
  bool hashed_ = false;            // the hash pool has been asked once
  std::string session_uid_;        // SignIn::session_form: whose password it is
  std::string code_uid_;           // whose one-time code is tried
  bool new_hash_asked_ = false;    // the pool was asked to hash the new password
  std::string new_password_hash_;  // and did
};

// Decides about a body before it comes.
class HeadVisit final : public Visit {
 public:
  HeadVisit(const Parts& parts, fleet::Route space, const Route& route,
            const http::RequestHead& head, Done<http_server::Admission> done);

 private:
  const http::RequestHead& head() const override { return head_; }
  lane::Verdict run(store::ReadTx& tx, store::WriteTx* write,
                    const access::Caller* caller) override;
  void finish() override;
  void refuse(http::Response response) override;
  bool needs_write() const override { return false; }

  const http::RequestHead& head_;  // the server keeps it until done
  Done<http_server::Admission> done_;
  call::Admitted admitted_;
};

// The end of a chunked upload: decides what is to be joined, joins it on a worker of its own pool,
// and hands the result to a RequestVisit.
class JoinVisit final : public Visit {
 public:
  JoinVisit(const Parts& parts, Joins& joins, fleet::Route space, const Route& route,
            http::Request request, Done<http::Response> done);

 private:
  const http::RequestHead& head() const override { return request_.head; }
  lane::Verdict run(store::ReadTx& tx, store::WriteTx* write,
                    const access::Caller* caller) override;
  void finish() override;
  void refuse(http::Response response) override;
  bool needs_write() const override { return false; }
  void join();

  Joins& joins_;
  std::string transfer_;  // whose joining nobody else may begin meanwhile
  http::Request request_;
  Done<http::Response> done_;
  std::optional<Result<dav::Join>> plan_;
  http::Response refusal_;  // when there is no plan
};

// What was prepared of a request before its turn.
struct Prepared {
  std::optional<blobs::SpooledBlob> blob = {};
  std::string password_hash = {};  // see call::Call
  std::optional<Result<members::Picture>> portrait = {};
};

// Answers a complete request.
class RequestVisit final : public Visit {
 public:
  RequestVisit(const Parts& parts, fleet::Route space, const Route& route, http::Request request,
               Prepared prepared, Done<http::Response> done);

 private:
  const http::RequestHead& head() const override { return request_.head; }
  lane::Verdict run(store::ReadTx& tx, store::WriteTx* write,
                    const access::Caller* caller) override;
  void finish() override;
  void refuse(http::Response response) override;
  bool needs_write() const override { return route_.write != nullptr; }
  std::string_view form() const override { return request_.body; }

  http::Request request_;
  Prepared prepared_;
  Done<http::Response> done_;
  http::Response response_;
  call::Answer::CodeTyped code_ = call::Answer::CodeTyped::wrong;
};

}  // namespace essaim::router
