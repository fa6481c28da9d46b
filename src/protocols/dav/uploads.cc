#include "protocols/dav/uploads.h"

#include "base/text/text.h"
#include "features/files/quota.h"
#include "formats/uri/uri.h"
#include "formats/xml/writer.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/multistatus.h"
#include "protocols/dav/preconditions.h"
#include "protocols/dav/write.h"

namespace essaim::dav {

namespace {

constexpr std::string_view kWhole = ".file";

// /remote.php/dav/uploads/<uid>/<transfer>[/<chunk>]
struct UploadAddress {
  std::string transfer;
  std::string chunk;
};

Result<UploadAddress> upload_address(const call::Call& call) {
  auto segments = TRY(uri::split_path(call.head.path));
  auto& names = segments.names;
  if (names.size() < 5 || names.size() > 6 ||
      !text::equal_ignoring_case(names[3], call.caller->uid)) {
    return fail(Code::not_found, "no transfer of this caller");
  }
  return UploadAddress{names[4], names.size() == 6 ? names[5] : std::string()};
}

http::Response empty(int status) {
  http::Response response;
  response.status = status;
  response.body = std::string();
  return response;
}

// What the client announced for the whole file; quota is decided on it as early as possible.
Result<void> check_announced(store::ReadTx& tx, const call::Call& call) {
  auto total = TRY(number_header(call.head.headers, "OC-Total-Length"));
  if (!total || !call.head.headers.get("Destination")) return {};
  if (*total < 0) return fail(Code::bad_request, "negative size");
  auto to = TRY(destination(call));
  return check_target(tx, call, to, node_at(tx, call, to), *total);
}

Result<http::Response> run_mkcol(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(upload_address(call));
  if (!address.chunk.empty()) return fail(Code::forbidden, "no folders in a transfer");
  TRY_VOID(check_announced(tx, call));
  TRY_VOID(files::begin_upload(tx, *call.caller, address.transfer));
  return empty(201);
}

Result<void> admit(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(upload_address(call));
  if (address.chunk.empty() || address.chunk == kWhole) {
    return fail(Code::wrong_kind, "a chunk needs a name");
  }
  TRY_VOID(files::find_upload(tx, *call.caller, address.transfer));
  TRY_VOID(check_announced(tx, call));
  auto place = TRY(access::files_of(*call.caller, call.caller->uid));
  return files::check_staging(tx, place, call.head.content_length.value_or(0));
}

Result<http::Response> run_put(store::WriteTx& tx, const call::Call& call) {
  TRY_VOID(admit(tx, call));
  auto address = TRY(upload_address(call));
  auto upload = TRY(files::find_upload(tx, *call.caller, address.transfer));
  TRY_VOID(verified_checksum(call));
  auto outcome = TRY(files::add_part(tx, call.blobs, upload, address.chunk, *call.blob));
  auto response = empty(outcome == files::Outcome::created ? 201 : 204);
  response.headers.set("ETag", "\"" + call.blob->sha256().substr(0, 32) + "\"");
  return response;
}

Result<http::Response> run_delete(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(upload_address(call));
  auto upload = TRY(files::find_upload(tx, *call.caller, address.transfer));
  if (address.chunk.empty()) {
    files::remove_upload(tx, call.blobs, upload);
  } else {
    TRY_VOID(files::remove_part(tx, call.blobs, upload, address.chunk));
  }
  return empty(204);
}

Result<http::Response> run_move(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(upload_address(call));
  auto upload = TRY(files::find_upload(tx, *call.caller, address.transfer));
  auto to = TRY(destination(call));
  TRY_VOID(check_preconditions(tx, call, node_at(tx, call, to)));
  auto response = TRY(write_content(tx, call, to));
  files::remove_upload(tx, call.blobs, upload);
  return response;
}

void append_part(std::string& out, const std::string& base, const std::string& name,
                 ByteCount size) {
  out += "<d:response><d:href>";
  xml::append_escaped(out, base + "/" + text::percent_encode_path(name));
  out += "</d:href><d:propstat><d:prop><d:resourcetype/><d:getcontentlength>";
  out += std::to_string(size);
  out += "</d:getcontentlength></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>";
  out += "</d:response>";
}

Result<http::Response> run_propfind(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(upload_address(call));
  auto upload = TRY(files::find_upload(tx, *call.caller, address.transfer));
  std::string base = href_base(call.head.path);
  std::string body(kMultistatusOpen);
  if (address.chunk.empty()) {
    body += "<d:response><d:href>";
    xml::append_escaped(body, base);
    body +=
        "/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>";
  }
  bool found = address.chunk.empty();
  for (const files::Part& part : files::parts(tx, upload)) {
    if (!address.chunk.empty() && part.name != address.chunk) continue;
    if (call.head.headers.get("Depth") == "0" && address.chunk.empty()) break;
    append_part(body, address.chunk.empty() ? base : base.substr(0, base.rfind('/')), part.name,
                part.size);
    found = true;
  }
  if (!found) return fail(Code::not_found, "no such chunk");
  body += kMultistatusClose;
  http::Response response;
  response.status = 207;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  response.body = std::move(body);
  return response;
}

template <class Run>
call::Answer answer(Run run, store::WriteTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return refusal(tx, call, response.error());
  return std::move(*response);
}

}  // namespace

call::Answer mkcol_upload(store::WriteTx& tx, const call::Call& call) {
  return answer(run_mkcol, tx, call);
}
call::Answer put_chunk(store::WriteTx& tx, const call::Call& call) {
  return answer(run_put, tx, call);
}
call::Answer delete_upload(store::WriteTx& tx, const call::Call& call) {
  return answer(run_delete, tx, call);
}
call::Answer move_upload(store::WriteTx& tx, const call::Call& call) {
  return answer(run_move, tx, call);
}

http::Response propfind_upload(store::ReadTx& tx, const call::Call& call) {
  auto response = run_propfind(tx, call);
  if (!response) return refusal(tx, call, response.error());
  return std::move(*response);
}

call::Admitted admit_chunk(store::ReadTx& tx, const call::Call& call) {
  auto admitted = admit(tx, call);
  if (!admitted) return {refusal(tx, call, admitted.error()), 0};
  auto place = access::files_of(*call.caller, call.caller->uid);
  if (!place) return {error_response(place.error(), call.language), 0};
  return {std::nullopt, files::staging_room(tx, *place)};
}

Result<Join> plan_join(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(upload_address(call));
  if (address.chunk != kWhole) return fail(Code::forbidden, "only .file can be moved");
  auto upload = TRY(files::find_upload(tx, *call.caller, address.transfer));
  auto to = TRY(destination(call));
  auto node = node_at(tx, call, to);
  TRY_VOID(check_preconditions(tx, call, node));
  Join plan;
  plan.parts = files::parts(tx, upload);
  ByteCount total = 0;
  for (const files::Part& part : plan.parts) total += part.size;
  auto announced = TRY(number_header(call.head.headers, "OC-Total-Length"));
  if (announced && *announced != total) {
    return fail(Code::bad_request, "the chunks are not as long as OC-Total-Length says");
  }
  TRY_VOID(check_target(tx, call, to, node, total));
  plan.inline_bytes.resize(plan.parts.size());
  for (std::size_t i = 0; i < plan.parts.size(); ++i) {
    if (plan.parts[i].size > blobs::kInlineMax) continue;
    auto content = TRY(call.blobs.open(tx, plan.parts[i].blob));
    plan.inline_bytes[i] = std::move(content.inline_bytes);
  }
  return plan;
}

Result<blobs::SpooledBlob> join(const Join& plan, const SpaceId& space, blobs::Store& blobs,
                                std::optional<blobs::ChecksumType> extra) {
  auto spool = TRY(blobs.begin(space, extra));
  for (std::size_t i = 0; i < plan.parts.size(); ++i) {
    const files::Part& part = plan.parts[i];
    if (part.size <= blobs::kInlineMax) {
      TRY_VOID(spool->write(std::as_bytes(std::span(plan.inline_bytes[i]))));
    } else {
      TRY_VOID(blobs.append_to(*spool, space, part.blob));
    }
  }
  TRY_VOID(spool->finish());
  return spool->take();
}

}  // namespace essaim::dav
