#include <algorithm>

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/files/change.h"
#include "features/files/quota.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/preconditions.h"
#include "protocols/dav/properties.h"

namespace essaim::dav {

namespace {

// A header that announces a number. Errors: bad_request when it is none.
Result<std::optional<std::int64_t>> number_header(const http::Headers& headers,
                                                  std::string_view name) {
  auto text = headers.get(name);
  if (!text) return std::optional<std::int64_t>();
  // CLIENT: iOS sends times with a fraction.
  auto value = text::to_int64_truncated(*text);
  if (!value) return fail(Code::bad_request, std::string(name) + " is no number");
  return value;
}

struct Checksum {
  blobs::ChecksumType type;
  std::string_view label;
  std::string hex;
};

constexpr std::pair<std::string_view, blobs::ChecksumType> kChecksums[] = {
    {"SHA256", blobs::ChecksumType::sha256},
    {"SHA1", blobs::ChecksumType::sha1},
    {"MD5", blobs::ChecksumType::md5},
    {"ADLER32", blobs::ChecksumType::adler32},
};

// The first checksum of OC-Checksum that we can compute: "SHA1:abc MD5:def".
std::optional<Checksum> find_checksum(const http::Headers& headers) {
  auto header = headers.get("OC-Checksum");
  if (!header) return std::nullopt;
  std::string_view left = *header;
  while (!left.empty()) {
    auto end = std::min(left.find(' '), left.size());
    std::string_view one = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    auto colon = one.find(':');
    if (colon == std::string_view::npos) continue;
    for (const auto& [label, type] : kChecksums) {
      if (text::equal_ignoring_case(one.substr(0, colon), label)) {
        return Checksum{type, label, text::lower_ascii(one.substr(colon + 1))};
      }
    }
  }
  return std::nullopt;
}

// Compares what was announced with what arrived. Returns the text to keep besides SHA-256.
Result<std::string> verified_checksum(const call::Call& call) {
  auto announced = find_checksum(call.head.headers);
  if (!announced) return std::string();
  if (announced->type == blobs::ChecksumType::sha256) {
    if (announced->hex != call.blob->sha256()) return fail(Code::checksum_mismatch, "SHA256");
    return std::string();
  }
  auto computed = call.blob->extra();
  if (!computed || *computed != announced->hex) {
    return fail(Code::checksum_mismatch, std::string(announced->label));
  }
  return std::string(announced->label) + ":" + announced->hex;
}

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
  if ((node && node->is_folder()) || address.trailing_slash) {
    return fail(Code::wrong_kind, "PUT on a collection");
  }
  TRY_VOID(check_preconditions(tx, call, node));
  if (node ? !address.place.rights.write : !address.place.rights.create) {
    return fail(Code::forbidden, "no right");
  }
  if (!node && !address.path.empty()) TRY_VOID(files::check_name(address.path.back()));
  ByteCount size = TRY(announced_size(call.head));
  TRY_VOID(files::check_quota(tx, *call.caller, address.place, size - (node ? node->size : 0)));
  return {};
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

http::Response written(store::WriteTx& tx, const files::Changed& changed) {
  http::Response response;
  response.status = changed.outcome == files::Outcome::created ? 201 : 204;
  std::string etag = quoted_etag(tx.facts().epoch, changed.node.seq);
  response.headers.set("ETag", etag);
  response.headers.set("OC-ETag", etag);
  response.headers.set("OC-FileId", global_id(changed.node.id, tx.facts().instance_id));
  response.headers.set("Last-Modified", format_http_date(Instant{changed.node.mtime * 1000}));
  response.body = std::string();
  return response;
}

Result<http::Response> run(store::WriteTx& tx, const call::Call& call) {
  TRY_VOID(admit(tx, call));
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto announced = TRY(number_header(call.head.headers, "OC-Total-Length"));
  if (announced && *announced != call.blob->size()) {
    return fail(Code::bad_request, "the body is not as long as OC-Total-Length says");
  }
  auto mtime = TRY(number_header(call.head.headers, "X-OC-Mtime"));
  auto created = TRY(number_header(call.head.headers, "X-OC-CTime"));
  auto checksum = TRY(verified_checksum(call));
  TRY_VOID(make_parents(tx, call, address));
  files::NewContent content{*call.blob, std::move(checksum), mtime, created};
  auto changed =
      TRY(files::put(tx, call.blobs, *call.caller, address.place, address.path, content));
  auto response = written(tx, changed);
  if (mtime) response.headers.set("X-OC-MTime", "accepted");
  if (created) response.headers.set("X-OC-CTime", "accepted");
  return response;
}

}  // namespace

Result<std::optional<blobs::ChecksumType>> announced_checksum(const http::Headers& headers) {
  auto found = find_checksum(headers);
  if (!found || found->type == blobs::ChecksumType::sha256) {
    return std::optional<blobs::ChecksumType>();
  }
  return std::optional(found->type);
}

std::optional<http::Response> admit_put(store::ReadTx& tx, const call::Call& call) {
  auto admitted = admit(tx, call);
  if (!admitted) return error_response(admitted.error(), call.language);
  return std::nullopt;
}

call::Answer put(store::WriteTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return error_response(response.error(), call.language);
  return std::move(*response);
}

}  // namespace essaim::dav
