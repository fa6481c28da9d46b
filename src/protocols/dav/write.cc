#include "protocols/dav/write.h"

#include <algorithm>

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/files/locks.h"
#include "features/files/quota.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/properties.h"

namespace essaim::dav {

namespace {

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

http::Response written(store::WriteTx& tx, const files::Changed& changed) {
  http::Response response;
  response.status = changed.outcome == files::Outcome::created ? 201 : 204;
  std::string etag = quoted_etag(tx.facts(), changed.node);
  response.headers.set("ETag", etag);
  response.headers.set("OC-ETag", etag);
  response.headers.set("OC-FileId", global_id(changed.node.id, tx.facts().instance_id));
  response.headers.set("Last-Modified", format_http_date(Instant{changed.node.mtime * 1000}));
  response.body = std::string();
  return response;
}

}  // namespace

Result<std::optional<std::int64_t>> number_header(const http::Headers& headers,
                                                  std::string_view name) {
  auto text = headers.get(name);
  if (!text) return std::optional<std::int64_t>();
  // CLIENT: iOS sends times with a fraction.
  auto value = text::to_int64_truncated(*text);
  if (!value) return fail(Code::bad_request, std::string(name) + " is no number");
  return value;
}

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

Result<void> check_target(store::ReadTx& tx, const call::Call& call, const Address& address,
                          const std::optional<files::Node>& node, ByteCount size) {
  if ((node && node->is_folder()) || address.trailing_slash) {
    return fail(Code::wrong_kind, "content for a collection");
  }
  files::Node folder;
  if (!node) {
    // Whether there is such a folder is said where the content is written.
    files::Path above(address.path.begin(), address.path.end() - (address.path.empty() ? 0 : 1));
    folder = TRY(files::nearest(tx, *call.caller, address.place, above));
  }
  const access::Rights& rights = (node ? *node : folder).standing.rights;
  if (node ? !rights.write : !rights.create) return fail(Code::forbidden, "no right");
  TRY_VOID(files::check_locks(tx, *call.caller, address.place, address.path));
  if (!node && !address.path.empty()) TRY_VOID(files::check_name(address.path.back()));
  return files::check_quota(tx, (node ? *node : folder).standing.place,
                            size - (node ? node->size : 0));
}

Result<http::Response> write_content(store::WriteTx& tx, const call::Call& call,
                                     const Address& address) {
  auto announced = TRY(number_header(call.head.headers, "OC-Total-Length"));
  if (announced && *announced != call.blob->size()) {
    return fail(Code::bad_request, "the content is not as long as OC-Total-Length says");
  }
  auto mtime = TRY(number_header(call.head.headers, "X-OC-Mtime"));
  auto created = TRY(number_header(call.head.headers, "X-OC-CTime"));
  auto checksum = TRY(verified_checksum(call));
  files::NewContent content{*call.blob, std::move(checksum), mtime, created};
  auto changed =
      TRY(files::put(tx, call.blobs, *call.caller, address.place, address.path, content));
  auto response = written(tx, changed);
  if (mtime) response.headers.set("X-OC-MTime", "accepted");
  if (created) response.headers.set("X-OC-CTime", "accepted");
  return response;
}

Result<std::optional<blobs::ChecksumType>> announced_checksum(const http::Headers& headers) {
  auto found = find_checksum(headers);
  if (!found || found->type == blobs::ChecksumType::sha256) {
    return std::optional<blobs::ChecksumType>();
  }
  return std::optional(found->type);
}

}  // namespace essaim::dav
