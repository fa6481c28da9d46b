#include "protocols/dav/user_lock.h"

#include "features/files/locks.h"
#include "formats/xml/writer.h"
#include "protocols/dav/address.h"
#include "protocols/dav/locks.h"
#include "protocols/dav/preconditions.h"

namespace essaim::dav {

namespace {

Result<files::LockKind> kind_of(const http::Headers& headers) {
  auto type = headers.get("X-User-Lock-Type").value_or("0");
  if (type == "0") return files::LockKind::person;
  if (type == "2") return files::LockKind::token;
  return fail(Code::bad_request, "X-User-Lock-Type");  // 1 is of editors on the server: none here
}

struct Target {
  Address address;
  files::Node node;
};

Result<Target> target_of(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = TRY(files::find(tx, *call.caller, address.place, address.path));
  if (node.is_folder()) return fail(Code::wrong_kind, "a person locks files");
  TRY_VOID(check_preconditions(tx, call, node));
  return Target{std::move(address), std::move(node)};
}

// The properties of the node as they are now.
http::Response state(store::WriteTx& tx, const call::Call& call, const Target& target, int status) {
  constexpr std::string_view kNames[] = {
      "lock",      "lock-owner-type", "lock-owner", "lock-owner-displayname", "lock-owner-editor",
      "lock-time", "lock-timeout",    "lock-token"};
  Listing listing;
  listing.sources.facts = tx.facts();
  listing.sources.root = target.address.place.root;
  for (std::string_view name : kNames) listing.wanted.names.emplace_back(kNcNs, name);
  listing.wanted.names.emplace_back(kDavNs, "getetag");
  listing.wanted.mode = Wanted::Mode::named;
  listing.entries.push_back({"", target.node});
  collect_locks(tx, call, listing);
  std::string body(xml::kDeclaration);
  body +=
      "<d:prop xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" "
      "xmlns:oc=\"http://owncloud.org/ns\" xmlns:nc=\"http://nextcloud.org/ns\">";
  append_found(body, listing, listing.entries.front());
  body += "</d:prop>";
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  response.body = std::move(body);
  return response;
}

Result<http::Response> run_lock(store::WriteTx& tx, const call::Call& call) {
  auto kind = TRY(kind_of(call.head.headers));
  auto target = TRY(target_of(tx, call));
  auto done = files::lock_for_person(tx, *call.caller, target.node, kind);
  if (done) return state(tx, call, target, 200);
  // A lock on a folder above is no property of this file, so it is told as to any writer.
  if (done.error().code == Code::locked && done.error().node == target.node.id) {
    return state(tx, call, target, 423);
  }
  return tl::unexpected(done.error());
}

Result<http::Response> run_unlock(store::WriteTx& tx, const call::Call& call) {
  auto target = TRY(target_of(tx, call));
  auto done = files::unlock_for_person(tx, *call.caller, target.node.id);
  if (done) return state(tx, call, target, 200);
  if (done.error().code == Code::not_found) return state(tx, call, target, 412);
  if (done.error().code == Code::forbidden) return state(tx, call, target, 423);
  return tl::unexpected(done.error());
}

}  // namespace

bool is_user_lock(const call::Call& call) {
  return call.head.headers.get("X-User-Lock") == "1";
}

call::Answer user_lock(store::WriteTx& tx, const call::Call& call) {
  auto response = run_lock(tx, call);
  if (!response) return refusal(tx, call, response.error());
  return std::move(*response);
}

call::Answer user_unlock(store::WriteTx& tx, const call::Call& call) {
  auto response = run_unlock(tx, call);
  if (!response) return refusal(tx, call, response.error());
  return std::move(*response);
}

}  // namespace essaim::dav
