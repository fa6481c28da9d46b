#include <algorithm>

#include "base/text/text.h"
#include "features/files/node.h"
#include "features/files/trash.h"
#include "features/files/versions.h"
#include "formats/http/preconditions.h"
#include "formats/mime/types.h"
#include "formats/uri/uri.h"
#include "protocols/pictures/pictures.h"

namespace essaim::pictures {

namespace {

constexpr std::string_view kThumbnails = "/apps/files/api/v1/thumbnail/";
constexpr std::size_t kEtagHashLength = 32;
// CLIENT: phones and the web page put the file's etag into the address (c=, etag=), so a new
// content is a new address.
constexpr std::string_view kCacheControl = "private, max-age=86400, immutable";
constexpr std::int64_t kWhole = -1;  // x or y: as large as it comes

// CLIENT: Nextcloud answers errors here with an empty JSON list; clients look at the status alone.
http::Response refusal(int status) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json; charset=utf-8");
  response.headers.set("Cache-Control", "no-cache, no-store, must-revalidate");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.body = std::string("[]");
  return response;
}

Plan refuse(int status) {
  return {refusal(status), {}};
}

Plan refuse(const Error& error) {
  return refuse(error.code == Code::bad_request || error.code == Code::invalid_name ? 400 : 404);
}

// "1" and "true", as clients write them.
bool says_yes(std::string_view value) {
  return value == "1" || text::equal_ignoring_case(value, "true");
}

Result<std::int64_t> number(std::string_view query, std::string_view name, std::int64_t otherwise) {
  auto value = uri::form_value(query, name);
  if (!value) return otherwise;
  auto parsed = text::to_int64(*value);
  if (!parsed) return fail(Code::bad_request, "not a number");
  return *parsed;
}

// A path that came in a query or behind an address, with or without its slashes encoded.
Result<files::Node> find_by_path(store::ReadTx& tx, const call::Call& call,
                                 std::string_view decoded) {
  auto segments = TRY(uri::split_path("/" + text::percent_encode_path(decoded)));
  auto place = TRY(access::files_of(*call.caller, call.caller->uid));
  return files::find(tx, *call.caller, place, segments.names);
}

Result<files::Node> find_by_id(store::ReadTx& tx, const call::Call& call, std::int64_t id) {
  auto place = TRY(access::files_of(*call.caller, call.caller->uid));
  return files::find_by_id(tx, *call.caller, place, NodeId{id});
}

Plan plan_node(store::ReadTx& tx, const call::Call& call, const Wish& wish,
               const Result<files::Node>& node) {
  if (!node) return refuse(node.error());
  if (node->is_folder()) return refuse(404);
  return plan(tx, call, wish, node->blob, mime::type_of(node->name), node->size);
}

http::Response without(const call::Call& call, const Wish& wish, std::string_view content_type) {
  if (!wish.mime_fallback || !wish.force_icon) return refusal(404);
  http::Response response;
  response.status = 303;
  response.headers.set("Location", icon_address(call, content_type));
  response.headers.set("Cache-Control", "no-cache");
  return response;
}

void describe(http::Response& response, const std::string& etag) {
  response.headers.set("ETag", etag);
  response.headers.set("Cache-Control", kCacheControl);
}

}  // namespace

Result<Wish> wish_of(std::string_view query) {
  Wish wish;
  wish.x = TRY(number(query, "x", wish.x));
  wish.y = TRY(number(query, "y", wish.y));
  if (wish.x < kWhole || wish.y < kWhole || wish.x == 0 || wish.y == 0) {
    return fail(Code::bad_request, "a box without a size");
  }
  std::int64_t largest = std::ranges::max(previews::kSides);
  if (wish.x == kWhole && wish.y == kWhole) wish.x = largest;
  if (wish.x == kWhole) wish.x = wish.y;
  if (wish.y == kWhole) wish.y = wish.x;
  if (says_yes(uri::form_value(query, "a").value_or(""))) {
    bool cover = uri::form_value(query, "mode").value_or("fill") == "cover";
    wish.mode = cover ? previews::Mode::cover : previews::Mode::fill;
  }
  wish.force_icon = says_yes(uri::form_value(query, "forceIcon").value_or("1"));
  wish.mime_fallback = says_yes(uri::form_value(query, "mimeFallback").value_or("0"));
  return wish;
}

Plan plan(store::ReadTx& tx, const call::Call& call, const Wish& wish, std::string_view hash,
          std::string_view content_type, ByteCount size) {
  auto none = without(call, wish, content_type);
  auto kind = previews::kind_of(call.previews, content_type, size);
  if (kind == previews::Kind::none || previews::failed(tx, hash, kind)) {
    return {std::move(none), {}};
  }
  Plan out;
  out.wanted = {.hash = std::string(hash),
                .kind = kind,
                .shape = previews::shape_of(wish.mode, wish.x, wish.y),
                .etag = "",
                .none = std::move(none)};
  out.wanted.etag = "\"" + out.wanted.hash.substr(0, kEtagHashLength) + "-" +
                    previews::name_of(kind, out.wanted.shape) + "\"";
  http::Validators current{true, out.wanted.etag, 0};
  auto verdict = http::check_preconditions(call.head.method, call.head.headers, current);
  if (verdict == http::Verdict::failed) return refuse(412);
  if (verdict == http::Verdict::not_modified) {
    out.answer.emplace();
    out.answer->status = 304;
    describe(*out.answer, out.wanted.etag);
  }
  return out;
}

Plan preview(store::ReadTx& tx, const call::Call& call) {
  auto wish = wish_of(call.head.query);
  auto id = number(call.head.query, "fileId", kWhole);
  if (!wish || !id || *id <= 0) return refuse(400);
  return plan_node(tx, call, *wish, find_by_id(tx, call, *id));
}

Plan preview_by_path(store::ReadTx& tx, const call::Call& call) {
  auto wish = wish_of(call.head.query);
  auto path = uri::form_value(call.head.query, "file");
  if (!wish || !path || path->empty()) return refuse(400);
  return plan_node(tx, call, *wish, find_by_path(tx, call, *path));
}

// CLIENT: Android and iOS show the bin and the versions of a file with these.
Plan preview_of_binned(store::ReadTx& tx, const call::Call& call) {
  auto wish = wish_of(call.head.query);
  auto id = number(call.head.query, "fileId", kWhole);
  if (!wish || !id || *id <= 0) return refuse(400);
  auto place = access::files_of(*call.caller, call.caller->uid);
  if (!place) return refuse(place.error());
  return plan_node(tx, call, *wish,
                   files::find_binned_by_id(tx, *call.caller, *place, NodeId{*id}));
}

Plan preview_of_version(store::ReadTx& tx, const call::Call& call) {
  auto wish = wish_of(call.head.query);
  auto path = uri::form_value(call.head.query, "file");
  auto time = number(call.head.query, "version", kWhole);
  if (!wish || !path || path->empty() || !time || *time < 0) return refuse(400);
  auto node = find_by_path(tx, call, *path);
  if (!node) return refuse(node.error());
  auto version = files::find_version(tx, node->id, *time);
  if (!version) return refuse(version.error());
  return plan(tx, call, *wish, version->blob, mime::type_of(node->name), version->size);
}

// CLIENT: desktop 3.7.3 and older phones cut a square from the middle.
Plan thumbnail(store::ReadTx& tx, const call::Call& call) {
  std::string_view path = call.head.path;
  auto at = path.find(kThumbnails);
  if (at == std::string_view::npos) return refuse(404);
  path.remove_prefix(at + kThumbnails.size());
  auto first = path.find('/');
  auto second = first == std::string_view::npos ? first : path.find('/', first + 1);
  if (second == std::string_view::npos) return refuse(400);
  auto x = text::to_int64(path.substr(0, first));
  auto y = text::to_int64(path.substr(first + 1, second - first - 1));
  auto name = text::percent_decode(path.substr(second + 1));
  if (!x || !y || *x < 1 || *y < 1 || !name) return refuse(400);
  Wish wish{.x = *x, .y = *y, .force_icon = false};
  return plan_node(tx, call, wish, find_by_path(tx, call, *name));
}

http::Response picture(const Wanted& wanted, std::string bytes) {
  http::Response response;
  describe(response, wanted.etag);
  response.headers.set("Content-Type", bytes.starts_with("\x89PNG") ? "image/png" : "image/jpeg");
  response.headers.set("Content-Disposition", "inline");
  response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.body = std::move(bytes);
  return response;
}

}  // namespace essaim::pictures
