#include "protocols/dav/preconditions.h"

#include "base/text/text.h"
#include "features/files/locks.h"
#include "formats/http/if_header.h"
#include "formats/http/preconditions.h"
#include "formats/uri/uri.h"
#include "formats/xml/writer.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/properties.h"

namespace essaim::dav {

std::optional<files::Node> node_at(store::ReadTx& tx, const call::Call& call,
                                   const Address& address) {
  auto node = files::find(tx, *call.caller, address.place, address.path);
  if (!node) return std::nullopt;
  return std::move(*node);
}

namespace {

// CLIENT: newer desktops write an absolute URL with an unencoded path into If.
http::IfState state_of(store::ReadTx& tx, const call::Call& call,
                       const http::IfResource& resource) {
  if (!resource.authority.empty()) {
    auto host = uri::host_of(resource.authority);
    if (!host || !call.owns_host(*host)) return {};
  }
  const std::string& path = resource.path.empty() ? call.head.path : resource.path;
  auto address = files_address(path, *call.caller);
  auto literal = files_address(text::percent_encode_path(path), *call.caller);
  if (!address || (literal && !node_at(tx, call, *address) && node_at(tx, call, *literal))) {
    address = std::move(literal);
  }
  if (!address) return {};
  http::IfState state;
  auto node = node_at(tx, call, *address);
  if (node) {
    state.etag = quoted_etag(tx.facts(), *node);
  } else if (!address->path.empty()) {
    // What does not exist yet is covered by the locks that would cover it.
    address->path.pop_back();
  }
  auto covered = node ? std::move(node) : node_at(tx, call, *address);
  if (!covered) return state;
  for (const files::Lock& lock : files::covering_locks(tx, covered->id)) {
    bool applies = !state.etag.empty() || lock.depth == files::LockDepth::infinity;
    if (applies) state.tokens.push_back(std::string(files::kLockTokenScheme) + lock.token);
  }
  return state;
}

}  // namespace

Result<void> check_preconditions(store::ReadTx& tx, const call::Call& call,
                                 const std::optional<files::Node>& target) {
  http::Validators current;
  current.exists = target.has_value();
  if (target) {
    current.etag = quoted_etag(tx.facts(), *target);
    current.mtime_seconds = target->mtime;
  }
  auto verdict = http::check_preconditions(call.head.method, call.head.headers, current);
  if (verdict == http::Verdict::failed) return fail(Code::precondition_failed, "If-Match family");
  if (auto header = call.head.headers.get("If")) {
    auto parsed = TRY(http::parse_if(*header));
    auto look_up = [&](const http::IfResource& resource) { return state_of(tx, call, resource); };
    if (!http::holds(parsed, look_up)) return fail(Code::precondition_failed, "If");
  }
  return {};
}

http::Response refusal(store::ReadTx& tx, const call::Call& call, const Error& error) {
  if (error.code != Code::locked || !error.node || call.caller == nullptr) {
    return error_response(error, call.language);
  }
  auto place = access::files_of(*call.caller, call.caller->uid);
  if (!place) return error_response(error, call.language);
  auto path = files::path_of(tx, *call.caller, *place, error.node);
  if (!path) return error_response(error, call.language);
  std::string condition = "<d:lock-token-submitted><d:href>";
  xml::append_escaped(condition, href_of(call, *path));
  condition += "</d:href></d:lock-token-submitted>";
  return error_response(error, call.language, condition);
}

}  // namespace essaim::dav
