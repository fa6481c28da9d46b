#include "protocols/dav/preconditions.h"

#include "base/text/text.h"
#include "formats/http/if_header.h"
#include "formats/http/preconditions.h"
#include "formats/uri/uri.h"
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
  if (!address) address = files_address(text::percent_encode_path(path), *call.caller);
  if (!address) return {};
  auto node = node_at(tx, call, *address);
  if (!node) return {};
  return {quoted_etag(tx.facts(), *node), {}};
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

}  // namespace essaim::dav
