#include "protocols/dav/address.h"

#include "base/text/text.h"
#include "formats/uri/uri.h"

namespace essaim::dav {

Result<Address> files_address(std::string_view encoded_path, const access::Caller& caller) {
  auto segments = TRY(uri::split_path(encoded_path));
  auto& names = segments.names;
  auto is = [&](std::size_t index, std::string_view name) {
    return index < names.size() && names[index] == name;
  };
  std::size_t skip = 0;
  std::string_view uid = caller.uid;
  if (is(0, "remote.php") && is(1, "dav") && is(2, "files") && names.size() >= 4) {
    uid = names[3];
    skip = 4;
  } else if (is(0, "remote.php") && (is(1, "webdav") || is(1, "files"))) {
    skip = 2;
  } else {
    return fail(Code::not_found, "not in a files tree");
  }
  auto place = TRY(access::files_of(caller, uid));
  return Address{place, files::Path(names.begin() + static_cast<long>(skip), names.end()),
                 segments.trailing_slash};
}

Result<std::string> destination_path(const call::Call& call) {
  auto header = call.head.headers.get("Destination");
  if (!header) return fail(Code::bad_request, "no Destination");
  auto target = TRY(uri::parse_target(*header));
  if (!target.authority.empty()) {
    auto host = TRY(uri::host_of(target.authority));
    if (!call.owns_host(host)) return fail(Code::forbidden, "Destination in another space");
  }
  return target.path;
}

Result<Address> destination(const call::Call& call) {
  auto path = TRY(destination_path(call));
  auto address = files_address(path, *call.caller);
  if (!address && address.error().code == Code::not_found) {
    return fail(Code::forbidden, "Destination in another tree");
  }
  return address;
}

std::string href_of(const call::Call& call, const files::Path& path) {
  std::string base = "/remote.php/dav/files/" + call.caller->uid;
  auto segments = uri::split_path(call.head.path);
  if (segments && segments->names.size() > 1 && segments->names[1] != "dav") {
    base = "/remote.php/" + segments->names[1];
  } else if (segments && segments->names.size() > 3 && segments->names[2] == "files") {
    base = "/remote.php/dav/files/" + segments->names[3];
  }
  for (const std::string& name : path) base += "/" + name;
  return text::percent_encode_path(base);
}

Result<Address> area_address(std::string_view encoded_path, std::string_view area,
                             const access::Caller& caller) {
  auto segments = TRY(uri::split_path(encoded_path));
  auto& names = segments.names;
  if (names.size() < 4 || names[0] != "remote.php" || names[1] != "dav" || names[2] != area) {
    return fail(Code::not_found, "in another area");
  }
  auto place = TRY(access::files_of(caller, names[3]));
  return Address{place, files::Path(names.begin() + 4, names.end()), segments.trailing_slash};
}

std::string href_base(std::string_view encoded_path) {
  while (encoded_path.ends_with('/')) encoded_path.remove_suffix(1);
  auto decoded = text::percent_decode(encoded_path);
  return text::percent_encode_path(decoded ? *decoded : encoded_path);
}

}  // namespace essaim::dav
