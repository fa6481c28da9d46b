// Previews and icons as Nextcloud's clients ask for them.
//
//   GET /index.php/core/preview?fileId=&x=&y=&a=&mode=&forceIcon=&mimeFallback=    phones, web
//   GET /index.php/core/preview.png?file=<path>&...                               older ones
//   GET /index.php/apps/files/api/v1/thumbnail/{x}/{y}/{path}                       desktop
//   GET /index.php/apps/files_trashbin/preview?fileId=&x=&y=&a=                    the bin
//   GET /index.php/apps/files_versions/preview?file=<path>&version=&x=&y=          versions
//   GET /index.php/core/mimeicon?mime=                                              303 to an icon
//   GET /index.php/avatar/{uid}/{size}[/dark], /avatar/guest/{name}/{size}[/dark]   people
//   GET /remote.php/dav/avatars/{uid}/{size}.png                                    people, desktop
//   GET /core/img/filetypes/<name>.svg, /apps/theming/img/core/filetypes/<name>.svg
//
// A handler here only decides: who may see which content, in which box. Whoever called it has the
// preview found or made, outside the lane, and gives its bytes to picture().
#pragma once

#include <optional>
#include <string>

#include "features/files/node.h"
#include "features/previews/previews.h"
#include "protocols/call/call.h"

namespace essaim::pictures {

// A preview that is to be sent.
struct Wanted {
  std::string hash;  // of the content
  previews::Kind kind = previews::Kind::none;
  previews::Shape shape;
  std::string etag;     // quoted
  http::Response none;  // what is said when it cannot be made
};

// Either the answer, or what is wanted.
struct Plan {
  std::optional<http::Response> answer;
  Wanted wanted;
};

// What the query says about the picture itself; see the addresses above.
struct Wish {
  std::int64_t x = 32;
  std::int64_t y = 32;
  previews::Mode mode = previews::Mode::crop;
  bool force_icon = true;
  bool mime_fallback = false;
};
// Error: bad_request.
Result<Wish> wish_of(std::string_view query);

// For any content that the caller was found to be allowed to read: a file, one of its versions,
// something in the bin. Answers 304 when the client has it. `content_type` goes by the file's name.
Plan plan(store::ReadTx& tx, const call::Call& call, const Wish& wish, std::string_view hash,
          std::string_view content_type, ByteCount size);

Plan preview(store::ReadTx& tx, const call::Call& call);
Plan preview_by_path(store::ReadTx& tx, const call::Call& call);
Plan preview_of_binned(store::ReadTx& tx, const call::Call& call);
Plan preview_of_version(store::ReadTx& tx, const call::Call& call);
Plan thumbnail(store::ReadTx& tx, const call::Call& call);

// 200 with the bytes of a JPEG or PNG.
http::Response picture(const Wanted& wanted, std::string bytes);

// The address of the icon for a content type, absolute.
std::string icon_address(const call::Call& call, std::string_view content_type);
http::Response mime_icon(const call::Call& call);
http::Response icon(const call::Call& call);

// A person's own picture, or a PNG of their initials, with an ETag; 404 for who is not there, or is
// not to be seen. The first gives 64 or 512 pixels; the second always PNG: of initials the size
// that is asked for, up to 512, of a picture 64 or 128.
http::Response avatar(store::ReadTx& tx, const call::Call& call);
http::Response dav_avatar(store::ReadTx& tx, const call::Call& call);

}  // namespace essaim::pictures
