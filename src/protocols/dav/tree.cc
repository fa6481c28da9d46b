// The methods that change the shape of the tree: MKCOL, DELETE, COPY, MOVE.
#include "features/files/change.h"
#include "formats/http/dav_headers.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/preconditions.h"
#include "protocols/dav/properties.h"

namespace essaim::dav {

namespace {

http::Response done(store::WriteTx& tx, int status, const files::Node& node) {
  http::Response response;
  response.status = status;
  std::string etag = quoted_etag(tx.facts(), node);
  response.headers.set("ETag", etag);
  response.headers.set("OC-ETag", etag);
  response.headers.set("OC-FileId", global_id(node.id, tx.facts().instance_id));
  response.body = std::string();
  return response;
}

Result<http::Response> run_mkcol(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(files_address(call.head.path, *call.caller));
  TRY_VOID(check_preconditions(tx, call, node_at(tx, call, address)));
  auto folder = TRY(files::make_folder(tx, *call.caller, address.place, address.path));
  return done(tx, 201, folder);
}

Result<http::Response> run_remove(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = node_at(tx, call, address);
  TRY_VOID(check_preconditions(tx, call, node));
  if (auto depth = TRY(http::parse_depth(call.head.headers));
      node && node->is_folder() && depth && *depth != http::Depth::infinity) {
    return fail(Code::bad_request, "a folder goes whole (RFC 4918 §9.6.1)");
  }
  TRY_VOID(files::remove(tx, *call.caller, address.place, address.path));
  http::Response response;
  response.status = 204;
  response.body = std::string();
  return response;
}

struct Way {
  Address from;
  Address to;
  files::Overwrite overwrite;
};

Result<Way> way_of(store::WriteTx& tx, const call::Call& call) {
  auto from = TRY(files_address(call.head.path, *call.caller));
  auto node = node_at(tx, call, from);
  if (!node) return fail(Code::not_found, "no source");
  TRY_VOID(check_preconditions(tx, call, node));
  auto to = TRY(destination(call));
  auto overwrite = TRY(http::parse_overwrite(call.head.headers));
  return Way{std::move(from), std::move(to),
             overwrite == http::Overwrite::yes ? files::Overwrite::yes : files::Overwrite::no};
}

// 412 when Overwrite: F meets something (RFC 4918 §9.8.5), where MKCOL would say 405.
Error as_overwrite_error(Error error) {
  if (error.code == Code::exists) error.code = Code::precondition_failed;
  return error;
}

Result<http::Response> run_copy(store::WriteTx& tx, const call::Call& call) {
  auto way = TRY(way_of(tx, call));
  auto depth = TRY(http::parse_depth(call.head.headers));
  if (depth == http::Depth::one) return fail(Code::bad_request, "Depth: 1 (RFC 4918 §9.8.3)");
  auto copied = files::copy(
      tx, call.blobs, *call.caller, way.from.place, way.from.path, way.to.path, way.overwrite,
      depth == http::Depth::zero ? files::CopyDepth::folder_only : files::CopyDepth::everything);
  if (!copied) return tl::unexpected(as_overwrite_error(std::move(copied.error())));
  return done(tx, copied->outcome == files::Outcome::created ? 201 : 204, copied->node);
}

Result<http::Response> run_move(store::WriteTx& tx, const call::Call& call) {
  auto way = TRY(way_of(tx, call));
  auto moved =
      files::move(tx, *call.caller, way.from.place, way.from.path, way.to.path, way.overwrite);
  if (!moved) return tl::unexpected(as_overwrite_error(std::move(moved.error())));
  return done(tx, moved->outcome == files::Outcome::created ? 201 : 204, moved->node);
}

template <class Run>
call::Answer answer(Run run, store::WriteTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return refusal(tx, call, response.error());
  return std::move(*response);
}

}  // namespace

call::Answer mkcol(store::WriteTx& tx, const call::Call& call) {
  if (!call.body.empty()) {
    http::Response refusal = error_response(Code::bad_request, call.language);
    refusal.status = 415;  // RFC 4918 §9.3.1: a body we do not understand
    return refusal;
  }
  return answer(run_mkcol, tx, call);
}

call::Answer remove(store::WriteTx& tx, const call::Call& call) {
  return answer(run_remove, tx, call);
}
call::Answer copy(store::WriteTx& tx, const call::Call& call) {
  return answer(run_copy, tx, call);
}
call::Answer move(store::WriteTx& tx, const call::Call& call) {
  return answer(run_move, tx, call);
}

}  // namespace essaim::dav
