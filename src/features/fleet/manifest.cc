#include "features/fleet/internal/manifest.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/time/http_date.h"
#include "features/fleet/names.h"

namespace essaim::fleet::internal {

namespace {

namespace json = boost::json;

tl::unexpected<Error> bad(std::string_view what) {
  return fail(Code::bad_request, "manifest.json: " + std::string(what));
}

Result<std::string> text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || !value->is_string()) return bad(std::string(key) + " is not a text");
  const auto& text = value->get_string();
  return std::string(text.data(), text.size());
}

Result<std::int64_t> number_of(const json::object& object, std::string_view key, std::int64_t max) {
  const auto* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0 ||
      value->get_int64() > max) {
    return bad(std::string(key) + " is not a number, or beyond its limit");
  }
  return value->get_int64();
}

Result<json::object> object_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || !value->is_object()) return bad(std::string(key) + " is missing");
  return value->get_object();
}

Result<Instant> instant_of(const json::object& object, std::string_view key) {
  auto text = TRY(text_of(object, key));
  auto instant = parse_iso8601(text);
  if (!instant) return bad(std::string(key) + " is not a date and time");
  return *instant;
}

Result<void> read_space(const json::object& space, Manifest& manifest) {
  manifest.id.value = TRY(text_of(space, "id"));
  if (!valid_space_id(manifest.id.value)) return bad("id is not the id of a space");
  manifest.slug = TRY(text_of(space, "slug"));
  TRY_VOID(check_slug(manifest.slug));
  manifest.display_name = TRY(text_of(space, "name"));
  TRY_VOID(check_display_name(manifest.display_name));
  manifest.created = TRY(instant_of(space, "created"));
  const auto* hosts = space.if_contains("hosts");
  if (hosts == nullptr || !hosts->is_array() || hosts->get_array().size() >= kHostsPerSpaceMax) {
    return bad("hosts is not a list, or too long");
  }
  for (const auto& host : hosts->get_array()) {
    if (!host.is_string()) return bad("a host is not a text");
    const auto& text = host.get_string();
    manifest.hosts.push_back(TRY(check_host(std::string_view(text.data(), text.size()))));
  }
  return {};
}

}  // namespace

std::string render(const Manifest& manifest) {
  json::array hosts;
  for (const auto& host : manifest.hosts) hosts.emplace_back(host);
  json::object space{{"id", manifest.id.value},
                     {"slug", manifest.slug},
                     {"name", manifest.display_name},
                     {"hosts", std::move(hosts)},
                     {"created", format_iso8601(manifest.created)}};
  json::object database{{"bytes", manifest.database_bytes}, {"sha256", manifest.database_sha256}};
  json::object blobs{{"count", manifest.blobs}, {"bytes", manifest.blob_bytes}};
  json::object whole{{"format", "essaim-space"},
                     {"version", kFormatVersion},
                     {"exported", format_iso8601(manifest.exported)},
                     {"schema_version", manifest.schema_version},
                     {"space", std::move(space)},
                     {"main.db", std::move(database)},
                     {"blobs", std::move(blobs)}};
  return json::serialize(whole) + "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  if (std::cmp_greater(text.size(), kManifestBytesMax)) return bad("longer than 64 KiB");
  json::parse_options options;
  options.max_depth = 4;
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error || !value.is_object()) return bad("not JSON");
  const auto& whole = value.get_object();
  if (TRY(text_of(whole, "format")) != "essaim-space") return bad("not an exported space");
  if (TRY(number_of(whole, "version", INT64_MAX)) > kFormatVersion) {
    return fail(Code::unsupported, "the copy was made by a newer release (format)");
  }
  Manifest manifest;
  manifest.exported = TRY(instant_of(whole, "exported"));
  manifest.schema_version = TRY(number_of(whole, "schema_version", 1'000'000));
  auto space = TRY(object_of(whole, "space"));
  TRY_VOID(read_space(space, manifest));
  auto database = TRY(object_of(whole, "main.db"));
  manifest.database_bytes = TRY(number_of(database, "bytes", kDatabaseBytesMax));
  manifest.database_sha256 = TRY(text_of(database, "sha256"));
  if (!valid_sha256(manifest.database_sha256)) return bad("sha256 is not a SHA-256");
  auto blobs = TRY(object_of(whole, "blobs"));
  manifest.blobs = TRY(number_of(blobs, "count", kBlobsMax));
  manifest.blob_bytes = TRY(number_of(blobs, "bytes", INT64_MAX));
  return manifest;
}

bool valid_sha256(std::string_view hash) {
  return hash.size() == 64 && std::ranges::all_of(hash, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string blob_entry(std::string_view hash) {
  std::string path(kBlobsFolder);
  path += hash.substr(0, 2);
  path += '/';
  path += hash;
  return path;
}

}  // namespace essaim::fleet::internal
