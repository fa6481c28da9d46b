// The route table: which handler answers which method at which address, what it needs of the
// database and of the body, and who may call it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/types.h"
#include "protocols/call/call.h"

namespace essaim::router {

// Families of addresses. Every web address exists with and without /index.php before it.
enum class Area : std::uint8_t {
  nowhere,
  home,           // /
  status,         // /status.php
  no_content,     // /index.php/204
  dav_above,      // /remote.php/dav/ and /remote.php/dav/files/
  dav_files,      // /remote.php/dav/files/<uid>/..., /remote.php/webdav/..., /remote.php/files/...
  dav_uploads,    // /remote.php/dav/uploads/<uid>/<transfer>/...
  dav_elsewhere,  // the rest of /remote.php
  ocs_capabilities,  // /ocs/v1.php and v2.php from here on
  ocs_user,
  ocs_getapppassword,
  ocs_apppassword,
  ocs_elsewhere,
};

// Whose words an error is written in.
enum class Dialect : std::uint8_t { dav, ocs, web };

enum class Body : std::uint8_t {
  none,    // refused with 415 by the handler, or ignored
  memory,  // XML, JSON, forms
  blob,    // file content
  joined,  // none of its own: the chunks of an upload are joined on a worker before the turn
};

enum class SignIn : std::uint8_t { none, optional, required };

struct Route {
  Area area;
  std::string_view method;
  SignIn sign_in = SignIn::required;
  Body body = Body::none;
  // Exactly one of the three.
  call::Plain plain = nullptr;
  call::Read read = nullptr;
  call::Write write = nullptr;
  // Before the body, for Body::blob.
  call::Admit admit = nullptr;
};

inline constexpr ByteCount kMemoryBodyMax = 64 * kKiB;  // XML and forms
inline constexpr ByteCount kFileBodyMax = 1024 * kGiB;  // one PUT, whatever the quota

// `raw_path` is still encoded; doubled slashes count as one.
Area area_of(std::string_view raw_path);
Dialect dialect_of(Area area);
// Null: the area does not know the method.
const Route* find_route(Area area, std::string_view method);
// "GET, HEAD": for Allow.
std::string allowed_methods(Area area);

}  // namespace essaim::router
