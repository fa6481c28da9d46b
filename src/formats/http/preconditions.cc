#include "formats/http/preconditions.h"

#include "base/time/clock.h"
#include "base/time/http_date.h"
#include "formats/http/text.h"

namespace essaim::http {
namespace {

constexpr std::string_view kWeak = "W/";
constexpr std::string_view kGzip = "-gzip";

bool is_weak(std::string_view etag) {
  return etag.starts_with(kWeak);
}

// The characters that tell one etag from another: no W/, no quotes, no "-gzip" inside or outside
// them.
std::string_view bare(std::string_view etag) {
  etag = trim(etag);
  if (is_weak(etag)) etag.remove_prefix(kWeak.size());
  if (etag.ends_with(kGzip)) etag.remove_suffix(kGzip.size());
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  if (etag.ends_with(kGzip)) etag.remove_suffix(kGzip.size());
  return etag;
}

enum class Compare : std::uint8_t { strong, weak };

// Whether the list holds "*" (anything that exists) or the current etag.
bool matches(std::string_view list, const Validators& current, Compare how) {
  if (!current.exists) return false;
  if (trim(list) == "*") return true;
  ListReader reader(list);
  while (auto etag = reader.next()) {
    bool same = how == Compare::strong ? same_etag_strong(*etag, current.etag)
                                       : same_etag_weak(*etag, current.etag);
    if (same) return true;
  }
  return false;
}

std::optional<std::int64_t> date_seconds(const Headers& headers, std::string_view name) {
  auto text = headers.get(name);
  if (!text) return std::nullopt;
  auto instant = parse_http_date(*text);
  if (!instant) return std::nullopt;
  return instant->seconds();
}

}  // namespace

bool same_etag_strong(std::string_view a, std::string_view b) {
  return !is_weak(trim(a)) && !is_weak(trim(b)) && same_etag_weak(a, b);
}

bool same_etag_weak(std::string_view a, std::string_view b) {
  std::string_view left = bare(a);
  return !left.empty() && left == bare(b);
}

Verdict check_preconditions(std::string_view method, const Headers& headers,
                            const Validators& current) {
  bool reads = method == "GET" || method == "HEAD";
  bool has_mtime = current.exists && current.mtime_seconds.has_value();
  if (headers.get("If-Match")) {
    if (!matches(headers.joined("If-Match"), current, Compare::strong)) return Verdict::failed;
  } else if (auto since = date_seconds(headers, "If-Unmodified-Since"); since && has_mtime) {
    if (*current.mtime_seconds > *since) return Verdict::failed;
  }
  if (headers.get("If-None-Match")) {
    if (matches(headers.joined("If-None-Match"), current, Compare::weak)) {
      return reads ? Verdict::not_modified : Verdict::failed;
    }
  } else if (auto since = date_seconds(headers, "If-Modified-Since"); since && has_mtime && reads) {
    if (*current.mtime_seconds <= *since) return Verdict::not_modified;
  }
  return Verdict::proceed;
}

bool if_range_holds(const Headers& headers, const Validators& current) {
  auto wanted = headers.get("If-Range");
  if (!wanted) return true;
  return current.exists && same_etag_strong(*wanted, current.etag);
}

}  // namespace essaim::http
