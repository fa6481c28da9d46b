#include "formats/uri/uri.h"

#include <algorithm>

#include "base/text/text.h"

namespace essaim::uri {

namespace {

Result<std::string> decode_segment(std::string_view encoded) {
  auto decoded = text::percent_decode(encoded);
  if (!decoded) return fail(Code::bad_request, "broken percent-encoding");
  if (decoded->find('\0') != std::string::npos) return fail(Code::bad_request, "NUL in a path");
  if (*decoded == "." || *decoded == "..") return fail(Code::bad_request, "dot segment in a path");
  auto composed = text::nfc(*decoded);
  if (!composed) return fail(Code::bad_request, "path is not UTF-8");
  return std::move(*composed);
}

}  // namespace

Result<Segments> split_path(std::string_view encoded) {
  if (encoded.empty() || encoded.front() != '/') return fail(Code::bad_request, "path without /");
  Segments out;
  std::size_t total = 0;
  std::size_t at = 0;
  while (at < encoded.size()) {
    std::size_t end = std::min(encoded.find('/', at), encoded.size());
    if (end > at) {
      auto name = TRY(decode_segment(encoded.substr(at, end - at)));
      total += name.size() + 1;
      if (total > kPathMax) return fail(Code::bad_request, "path too long");
      if (out.names.size() >= kSegmentsMax) return fail(Code::bad_request, "path too deep");
      out.names.push_back(std::move(name));
    }
    at = end + 1;
  }
  out.trailing_slash = encoded.back() == '/';
  return out;
}

Result<Target> parse_target(std::string_view reference) {
  constexpr std::size_t kReferenceMax = 16 * 1024;
  if (reference.size() > kReferenceMax) return fail(Code::bad_request, "URL too long");
  Target out;
  if (!reference.starts_with('/')) {
    auto scheme_end = reference.find("://");
    if (scheme_end == std::string_view::npos) return fail(Code::bad_request, "not an absolute URL");
    out.scheme = text::lower_ascii(reference.substr(0, scheme_end));
    if (out.scheme != "http" && out.scheme != "https") return fail(Code::bad_request, "URL scheme");
    reference.remove_prefix(scheme_end + 3);
    auto authority_end = std::min(reference.find_first_of("/?#"), reference.size());
    out.authority = text::lower_ascii(reference.substr(0, authority_end));
    if (out.authority.empty()) return fail(Code::bad_request, "URL without host");
    reference.remove_prefix(authority_end);
  }
  out.path = reference.substr(0, std::min(reference.find_first_of("?#"), reference.size()));
  if (out.path.empty()) out.path = "/";
  return out;
}

Result<std::string> host_of(std::string_view authority) {
  if (auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  std::string_view host = authority;
  if (authority.starts_with('[')) {
    auto end = authority.find(']');
    if (end == std::string_view::npos) return fail(Code::bad_request, "broken IPv6 address");
    host = authority.substr(1, end - 1);
  } else if (auto colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
  }
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == ':' || c == '_' || c == '%';
  };
  if (host.empty() || host.size() > 255 || !std::ranges::all_of(host, allowed)) {
    return fail(Code::bad_request, "host name");
  }
  std::string lower = text::lower_ascii(host);
  if (lower.size() > 1 && lower.back() == '.') lower.pop_back();
  return lower;
}

std::optional<std::string> form_value(std::string_view form, std::string_view name) {
  auto decode = [](std::string_view part) {
    std::string spaced(part);
    std::ranges::replace(spaced, '+', ' ');
    return text::percent_decode(spaced);
  };
  while (!form.empty()) {
    auto end = std::min(form.find('&'), form.size());
    std::string_view pair = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    auto equals = std::min(pair.find('='), pair.size());
    auto key = decode(pair.substr(0, equals));
    if (key && *key == name) {
      return decode(pair.substr(std::min(equals + 1, pair.size())));
    }
  }
  return std::nullopt;
}

std::string form_encode(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

}  // namespace essaim::uri
