#include <algorithm>

#include "features/files/change.h"
#include "features/files/quota.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/preconditions.h"
#include "protocols/dav/write.h"

namespace essaim::dav {

namespace {

// The largest size that the head announces; quota is decided on it before the body comes.
Result<ByteCount> announced_size(const http::RequestHead& head) {
  ByteCount size = head.content_length.value_or(0);
  for (std::string_view name : {"OC-Total-Length", "X-Expected-Entity-Length"}) {
    auto value = TRY(number_header(head.headers, name));
    if (value && *value < 0) return fail(Code::bad_request, "negative size");
    size = std::max(size, value.value_or(0));
  }
  return size;
}

Result<void> admit(store::ReadTx& tx, const call::Call& call) {
  if (call.head.headers.get("Content-Range")) {
    return fail(Code::bad_request, "a PUT writes whole files (RFC 9110 §14.5)");
  }
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = node_at(tx, call, address);
  TRY_VOID(check_preconditions(tx, call, node));
  ByteCount size = TRY(announced_size(call.head));
  return check_target(tx, call, address, node, size);
}

// CLIENT: the Android and iOS apps ask for missing parents to be made.
Result<void> make_parents(store::WriteTx& tx, const call::Call& call, const Address& address) {
  for (std::string_view name : {"X-NC-WebDAV-AutoMkcol", "X-NC-WebDAV-Auto-Mkcol"}) {
    if (call.head.headers.get(name) != "1") continue;
    for (std::size_t depth = 1; depth < address.path.size(); ++depth) {
      files::Path folder(address.path.begin(), address.path.begin() + static_cast<long>(depth));
      auto made = files::make_folder(tx, *call.caller, address.place, folder);
      if (!made && made.error().code != Code::exists) return tl::unexpected(made.error());
    }
    break;
  }
  return {};
}

Result<http::Response> run(store::WriteTx& tx, const call::Call& call) {
  TRY_VOID(admit(tx, call));
  auto address = TRY(files_address(call.head.path, *call.caller));
  TRY_VOID(make_parents(tx, call, address));
  return write_content(tx, call, address);
}

}  // namespace

call::Admitted admit_put(store::ReadTx& tx, const call::Call& call) {
  auto admitted = admit(tx, call);
  if (!admitted) return {refusal(tx, call, admitted.error()), 0};
  auto address = files_address(call.head.path, *call.caller);
  if (!address) return {error_response(address.error(), call.language), 0};
  auto node = node_at(tx, call, *address);
  auto target = node ? Result<files::Node>(*node)
                     : files::nearest(tx, *call.caller, address->place, address->path);
  if (!target) return {error_response(target.error(), call.language), 0};
  ByteCount room = files::quota(tx, target->standing.place).available;
  return {std::nullopt, room + (node ? node->size : 0)};
}

call::Answer put(store::WriteTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return refusal(tx, call, response.error());
  return std::move(*response);
}

}  // namespace essaim::dav
