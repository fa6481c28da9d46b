// Pictures of people: their own, or their initials.
#include <algorithm>

#include "base/secrets/digest.h"
#include "base/text/text.h"
#include "features/members/groups.h"
#include "features/members/members.h"
#include "features/members/picture.h"
#include "formats/uri/uri.h"
#include "protocols/pictures/initials.h"
#include "protocols/pictures/pictures.h"

namespace essaim::pictures {

namespace {

using members::PictureSize;

// Two sizes are enough for lists and for profiles, so that clients find them in their caches.
constexpr int kSmall = members::kPictureSmall;

struct Asked {
  std::string uid;
  int size = kSmall;
  Shade shade = Shade::light;
  PictureSize own = PictureSize::small;  // of their own picture, if they have one
};

http::Response no_picture() {
  http::Response response;
  response.status = 404;
  response.headers.set("Content-Type", "application/json; charset=utf-8");
  response.body = "[]";
  return response;
}

// What goes with either kind of picture; 304 when the client has it.
http::Response described(const call::Call& call, std::string_view tag, bool own) {
  std::string etag = "\"" + std::string(tag) + "\"";
  http::Response response;
  response.headers.set("ETag", etag);
  response.headers.set("Cache-Control", "private, max-age=86400, must-revalidate");
  response.headers.set("X-NC-IsCustomAvatar", own ? "1" : "0");
  if (call.head.headers.get("If-None-Match") == etag) {
    response.status = 304;
    response.body = std::string();
  }
  return response;
}

void fill(http::Response& response, int size, std::string bytes) {
  bool png = bytes.starts_with("\x89PNG");
  std::string name = "avatar." + std::to_string(size) + (png ? ".png" : ".jpg");
  response.headers.set("Content-Type", png ? "image/png" : "image/jpeg");
  response.headers.set("Content-Disposition", "inline; filename=\"" + name + "\"");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.body = std::move(bytes);
}

http::Response answer(const call::Call& call, std::string_view letters, const Asked& asked) {
  std::string mark(letters);
  mark.append("/").append(asked.uid).append("/").append(std::to_string(asked.size));
  mark += asked.shade == Shade::dark ? "/dark" : "";
  auto response = described(call, secrets::sha256_hex(mark).substr(0, 32), false);
  if (response.status == 200) {
    fill(response, asked.size, draw_initials(letters, asked.uid, asked.size, asked.shade));
  }
  return response;
}

int side_of(PictureSize size) {
  switch (size) {
    case PictureSize::small:
      return members::kPictureSmall;
    case PictureSize::medium:
      return members::kPictureMedium;
    case PictureSize::large:
      break;
  }
  return members::kPictureLarge;
}

// None: they have none.
std::optional<http::Response> own_picture(store::ReadTx& tx, const call::Call& call,
                                          MemberId member, PictureSize size) {
  auto hash = members::picture_hash(tx, member);
  if (!hash) return std::nullopt;
  std::string side = std::to_string(side_of(size));
  auto response = described(call, *hash + "-" + side, true);
  if (response.status == 200) {
    fill(response, side_of(size), members::picture_of(tx, member, size).value_or(""));
  }
  return response;
}

http::Response of_member(store::ReadTx& tx, const call::Call& call, Asked asked) {
  auto member = members::find(tx, asked.uid);
  if (!member) return no_picture();
  bool seen = call.caller->role != members::Role::guest || member->id == call.caller->member ||
              members::share_a_group(tx, member->id, call.caller->member);
  if (!seen) return no_picture();
  if (auto own = own_picture(tx, call, member->id, asked.own)) return std::move(*own);
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
  bool small = *size <= kSmall;
  asked.size = small ? kSmall : kAvatarMax;
  asked.own = small ? PictureSize::small : PictureSize::large;
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
  // Of people's own pictures the large one may be a JPEG, which has no place at an address that
  // ends in .png. CLIENT: the desktop asks for 128 pixels.
  Asked asked{.uid = path->names[3],
              .size = std::clamp(*size, kAvatarMin, kAvatarMax),
              .own = *size <= kSmall ? PictureSize::small : PictureSize::medium};
  return of_member(tx, call, std::move(asked));
}

}  // namespace essaim::pictures
