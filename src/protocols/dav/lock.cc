#include <algorithm>

#include "base/text/text.h"
#include "features/files/change.h"
#include "formats/http/dav_headers.h"
#include "formats/xml/reader.h"
#include "formats/xml/writer.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/locks.h"
#include "protocols/dav/preconditions.h"
#include "protocols/dav/user_lock.h"

namespace essaim::dav {

namespace {

Result<files::NewLock> parse_lockinfo(std::string_view body) {
  auto root = TRY(xml::read(body));
  if (!root.is(kDavNs, "lockinfo")) return fail(Code::bad_request, "not a lockinfo");
  const xml::Element* scope = root.child(kDavNs, "lockscope");
  const xml::Element* type = root.child(kDavNs, "locktype");
  if (scope == nullptr || type == nullptr || type->child(kDavNs, "write") == nullptr) {
    return fail(Code::bad_request, "a lock has a scope and is for writing");
  }
  files::NewLock wanted;
  if (scope->child(kDavNs, "shared") != nullptr) {
    wanted.scope = files::LockScope::shared;
  } else if (scope->child(kDavNs, "exclusive") == nullptr) {
    return fail(Code::bad_request, "unknown scope of a lock");
  }
  if (const auto* owner = root.child(kDavNs, "owner")) wanted.owner = xml::inner_xml(*owner);
  return wanted;
}

// What LOCK answers: the locks on the resource, and the token of the one it is about.
Result<http::Response> granted(store::WriteTx& tx, const call::Call& call, const Address& address,
                               const files::Node& node, const files::Lock& lock, int status) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  response.headers.set("Lock-Token", "<" + std::string(files::kLockTokenScheme) + lock.token + ">");
  std::string body(xml::kDeclaration);
  body += "<d:prop xmlns:d=\"DAV:\"><d:lockdiscovery>";
  for (auto& each : files::covering_locks(tx, node.id)) {
    auto path = files::path_of(tx, *call.caller, address.place, each.node);
    if (!path) continue;  // on a folder above what the caller sees
    append_active_lock(body, {std::move(each), href_of(call, *path)}, call.caller->member,
                       tx.now());
  }
  body += "</d:lockdiscovery></d:prop>";
  response.body = std::move(body);
  return response;
}

// The empty file that a LOCK of a free address makes (RFC 4918 §7.3).
Result<files::Node> make_empty(store::WriteTx& tx, const call::Call& call, const Address& address) {
  if (address.trailing_slash) return fail(Code::wrong_kind, "a lock makes files, not folders");
  auto spool = TRY(call.blobs.begin(tx.facts().id));
  TRY_VOID(spool->finish());
  auto blob = spool->take();
  auto made = TRY(files::put(tx, call.blobs, *call.caller, address.place, address.path,
                             {blob, "", std::nullopt, std::nullopt}));
  return std::move(made.node);
}

Result<http::Response> refresh(store::WriteTx& tx, const call::Call& call, const Address& address,
                               const std::optional<files::Node>& node) {
  if (!node) return fail(Code::not_found, "nothing to refresh");
  Duration life = http::parse_timeout(call.head.headers, files::kLockLifeMax, files::kLockLife);
  for (std::string_view token : call.caller->lock_tokens) {
    if (!token.starts_with(files::kLockTokenScheme)) continue;
    token.remove_prefix(files::kLockTokenScheme.size());
    auto lock = files::refresh_lock(tx, *call.caller, node->id, token, life);
    if (lock) return granted(tx, call, address, *node, *lock, 200);
    if (lock.error().code == Code::forbidden) return tl::unexpected(lock.error());
  }
  return fail(Code::precondition_failed, "no token of this resource (RFC 4918 §9.10.2)");
}

// A lock is in the way. On a member of the folder: 207 with that member (RFC 4918 §9.10.3); else
// 423.
Result<http::Response> conflicting(store::WriteTx& tx, const call::Call& call,
                                   const Address& address, const Error& error) {
  auto found = files::path_of(tx, *call.caller, address.place, error.node);
  if (!found) return error_response(error, call.language);  // above what the caller sees
  const files::Path& path = *found;
  std::string href;
  xml::append_escaped(href, href_of(call, path));
  if (path.size() <= address.path.size()) {
    return error_response(
        error, call.language,
        "<d:no-conflicting-lock><d:href>" + href + "</d:href></d:no-conflicting-lock>");
  }
  http::Response response;
  response.status = 207;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  std::string body(kMultistatusOpen);
  auto append = [&body](std::string_view at, int status) {
    body += "<d:response><d:href>";
    body += at;
    body += "</d:href><d:status>";
    body += status_line(status);
    body += "</d:status></d:response>";
  };
  append(href, 423);
  std::string own;
  xml::append_escaped(own, href_of(call, address.path));
  append(own + "/", 424);
  body += kMultistatusClose;
  response.body = std::move(body);
  return response;
}

Result<http::Response> run_lock(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = node_at(tx, call, address);
  TRY_VOID(check_preconditions(tx, call, node));
  if (text::trim(call.body).empty()) {
    if (!call.head.headers.get("If")) return fail(Code::bad_request, "LOCK without body or If");
    return refresh(tx, call, address, node);
  }
  auto wanted = TRY(parse_lockinfo(call.body));
  auto depth = TRY(http::parse_depth(call.head.headers));
  if (depth == http::Depth::one) return fail(Code::bad_request, "Depth: 1 (RFC 4918 §9.10.3)");
  if (depth != http::Depth::zero) wanted.depth = files::LockDepth::infinity;
  wanted.life = http::parse_timeout(call.head.headers, files::kLockLifeMax, files::kLockLife);
  bool fresh = !node;
  if (fresh) node = TRY(make_empty(tx, call, address));
  auto lock = files::lock(tx, *call.caller, *node, wanted);
  if (!lock && lock.error().code == Code::locked) {
    return conflicting(tx, call, address, lock.error());
  }
  if (!lock) return tl::unexpected(lock.error());
  return granted(tx, call, address, *node, *lock, fresh ? 201 : 200);
}

Result<http::Response> run_unlock(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = TRY(files::find(tx, *call.caller, address.place, address.path));
  TRY_VOID(check_preconditions(tx, call, node));
  auto token = TRY(http::parse_lock_token(call.head.headers));
  bool ours = token.starts_with(files::kLockTokenScheme);
  auto done = files::unlock(tx, *call.caller, node.id,
                            ours ? std::string_view(token).substr(files::kLockTokenScheme.size())
                                 : std::string_view(token));
  if (!done && done.error().code == Code::not_found) {
    // RFC 4918 §9.11.1: the token is of no lock here.
    return error_response({Code::conflict, {}}, call.language,
                          "<d:lock-token-matches-request-uri/>");
  }
  if (!done) return tl::unexpected(done.error());
  http::Response response;
  response.status = 204;
  response.body = std::string();
  return response;
}

}  // namespace

call::Answer lock(store::WriteTx& tx, const call::Call& call) {
  if (is_user_lock(call)) return user_lock(tx, call);
  auto response = run_lock(tx, call);
  if (!response) return refusal(tx, call, response.error());
  bool kept = response->status == 200 || response->status == 201;
  return {std::move(*response), kept ? call::Keep::yes : call::Keep::no};
}

call::Answer unlock(store::WriteTx& tx, const call::Call& call) {
  if (is_user_lock(call)) return user_unlock(tx, call);
  auto response = run_unlock(tx, call);
  if (!response) return refusal(tx, call, response.error());
  return std::move(*response);
}

}  // namespace essaim::dav
