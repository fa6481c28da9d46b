// Pictures of people: initials, until somebody can have one of their own.
#include <algorithm>

#include "base/secrets/digest.h"
#include "base/text/text.h"
#include "features/members/groups.h"
#include "features/members/members.h"
#include "formats/uri/uri.h"
#include "protocols/pictures/initials.h"
#include "protocols/pictures/pictures.h"

namespace essaim::pictures {

namespace {

// Two sizes are enough for lists and for profiles, so that clients find them in their caches.
constexpr int kSmall = 64;

struct Asked {
  std::string uid;
  int size = kSmall;
  Shade shade = Shade::light;
};

http::Response no_picture() {
  http::Response response;
  response.status = 404;
  response.headers.set("Content-Type", "application/json; charset=utf-8");
  response.body = "[]";
  return response;
}

http::Response answer(const call::Call& call, std::string_view letters, const Asked& asked) {
  std::string mark(letters);
  mark.append("/").append(asked.uid).append("/").append(std::to_string(asked.size));
  mark += asked.shade == Shade::dark ? "/dark" : "";
  std::string etag = "\"" + secrets::sha256_hex(mark).substr(0, 32) + "\"";
  http::Response response;
  response.headers.set("ETag", etag);
  response.headers.set("Cache-Control", "private, max-age=86400, must-revalidate");
  response.headers.set("X-NC-IsCustomAvatar", "0");
  if (call.head.headers.get("If-None-Match") == etag) {
    response.status = 304;
    response.body = std::string();
    return response;
  }
  response.headers.set("Content-Type", "image/png");
  response.headers.set("Content-Disposition",
                       "inline; filename=\"avatar." + std::to_string(asked.size) + ".png\"");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.body = draw_initials(letters, asked.uid, asked.size, asked.shade);
  return response;
}

http::Response of_member(store::ReadTx& tx, const call::Call& call, Asked asked) {
  auto member = members::find(tx, asked.uid);
  if (!member) return no_picture();
  bool seen = call.caller->role != members::Role::guest || member->id == call.caller->member ||
              members::share_a_group(tx, member->id, call.caller->member);
  if (!seen) return no_picture();
  asked.uid = member->uid;
  return answer(call, initials(member->display, member->uid), asked);
}

std::optional<int> size_of(std::string_view written) {
  auto size = text::to_int64(written);
  if (!size || *size < 1 || *size > 10'000) return std::nullopt;
  return static_cast<int>(*size);
}

}  // namespace

http::Response avatar(store::ReadTx& tx, const call::Call& call) {
  auto path = uri::split_path(call.head.path);
  if (!path) return no_picture();
  auto& names = path->names;
  if (names.front() == "index.php") names.erase(names.begin());
  Asked asked;
  if (names.back() == "dark") {
    asked.shade = Shade::dark;
    names.pop_back();
  }
  auto size = size_of(names.back());
  if (!size) return no_picture();
  asked.size = *size <= kSmall ? kSmall : kAvatarMax;
  if (names.size() == 4 && names[1] == "guest") {
    asked.uid = names[2];
    return answer(call, initials(names[2], {}), asked);
  }
  if (names.size() != 3) return no_picture();
  asked.uid = names[1];
  return of_member(tx, call, std::move(asked));
}

http::Response dav_avatar(store::ReadTx& tx, const call::Call& call) {
  auto path = uri::split_path(call.head.path);
  constexpr std::string_view kEnding = ".png";
  if (!path || path->names.size() != 5 || !path->names[4].ends_with(kEnding)) return no_picture();
  std::string_view file = path->names[4];
  auto size = size_of(file.substr(0, file.size() - kEnding.size()));
  if (!size) return no_picture();
  Asked asked{.uid = path->names[3], .size = std::clamp(*size, kAvatarMin, kAvatarMax)};
  return of_member(tx, call, std::move(asked));
}

}  // namespace essaim::pictures
