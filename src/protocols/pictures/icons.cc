// Icons of kinds of files, drawn here: a sheet with a sign on it.
#include <algorithm>
#include <array>

#include "base/text/text.h"
#include "formats/uri/uri.h"
#include "protocols/pictures/pictures.h"

namespace essaim::pictures {

namespace {

struct Icon {
  std::string_view name;    // CLIENT: the file names that Nextcloud's clients have built in
  std::string_view colour;  // of the sign
  std::string_view sign;    // SVG inside a box of 32 by 32
};

constexpr auto kIcons = std::to_array<Icon>({
    {"file", "#8a8a8a", ""},
    {"text", "#5b6b7b", "<path d='M10 15h12v2H10zm0 4h12v2H10zm0 4h8v2h-8z'/>"},
    {"text-code", "#5b6b7b",
     "<path d='M13 15l-4 4 4 4 1.5-1.5L12 19l2.5-2.5zm6 0l4 4-4 4-1.5-1.5L20 19l-2.5-2.5z'/>"},
    {"text-calendar", "#b5432f",
     "<path d='M10 14h12v3H10zm0 5h3v2h-3zm4.5 0h3v2h-3zM10 23h3v2h-3z'/>"},
    {"text-vcard", "#2f6fb5", "<circle cx='16' cy='17' r='3'/><path d='M10 26a6 5 0 0 1 12 0z'/>"},
    {"image", "#2e8b57", "<circle cx='12.5' cy='16.5' r='1.8'/><path d='M9 25l5-5 3 3 3-4 4 6z'/>"},
    {"audio", "#8e44ad",
     "<path d='M14 14l8-1v9.5a2.5 2 0 1 1-2-2V16l-4 .5v7.5a2.5 2 0 1 1-2-2z'/>"},
    {"video", "#34495e", "<path d='M12 14l10 5.5-10 5.5z'/>"},
    {"application-pdf", "#c0392b", "<path d='M10 15h12v6H10zm0 8h12v1.5H10z'/>"},
    {"x-office-document", "#2f6fb5", "<path d='M10 14h12v2H10zm0 4h12v2H10zm0 4h12v2H10z'/>"},
    {"x-office-spreadsheet", "#2e8b57",
     "<path d='M10 14h5v3h-5zm7 0h5v3h-5zm-7 4.5h5v3h-5zm7 0h5v3h-5zM10 23h5v3h-5zm7 0h5v3h-5z'/>"},
    {"x-office-presentation", "#d9822b", "<path d='M9 14h14v9H9zm6 9h2v3h-2z'/>"},
    {"x-office-drawing", "#d9822b", "<circle cx='13' cy='18' r='3.5'/><path d='M16 18h7v7h-7z'/>"},
    {"package-x-generic", "#8a6d3b",
     "<path d='M15 6h2v2h-2zm0 4h2v2h-2zm0 4h2v2h-2zm-2 4h6v6h-6z'/>"},
    {"font", "#5b6b7b", "<path d='M15 13h2l5 12h-2.5l-1-3h-5l-1 3H10zm1 3l-1.6 4h3.2z'/>"},
});
constexpr std::string_view kFolder = "folder";

constexpr std::string_view kSheet =
    "<path fill='#fff' stroke='#8a8a8a' d='M7.5 2.5h11l6 6v21h-17z'/>"
    "<path fill='#dcdcdc' d='M18.5 2.5l6 6h-6z'/>";
constexpr std::string_view kFolderShape =
    "<path fill='#d9a441' d='M3 6h9l3 3h14v17H3z'/><path fill='#efc060' d='M3 12h26v14H3z'/>";

constexpr std::string_view kIconFolder = "/core/img/filetypes/";

// What begins alike has one icon; the first that fits counts.
struct Row {
  std::string_view start;  // of the content type
  std::string_view icon;
};
constexpr auto kByType = std::to_array<Row>({
    {"httpd/unix-directory", kFolder},
    {"dir", kFolder},
    {"image/", "image"},
    {"audio/", "audio"},
    {"video/", "video"},
    {"font/", "font"},
    {"text/calendar", "text-calendar"},
    {"text/vcard", "text-vcard"},
    {"text/x-", "text-code"},
    {"text/html", "text-code"},
    {"text/css", "text-code"},
    {"text/javascript", "text-code"},
    {"text/typescript", "text-code"},
    {"application/json", "text-code"},
    {"application/xml", "text-code"},
    {"application/sql", "text-code"},
    {"application/yaml", "text-code"},
    {"text/csv", "x-office-spreadsheet"},
    {"text/", "text"},
    {"message/", "text"},
    {"application/pdf", "application-pdf"},
    {"application/vnd.oasis.opendocument.text", "x-office-document"},
    {"application/vnd.oasis.opendocument.spreadsheet", "x-office-spreadsheet"},
    {"application/vnd.oasis.opendocument.presentation", "x-office-presentation"},
    {"application/vnd.oasis.opendocument.graphics", "x-office-drawing"},
    {"application/msword", "x-office-document"},
    {"application/vnd.ms-word", "x-office-document"},
    {"application/vnd.ms-excel", "x-office-spreadsheet"},
    {"application/vnd.ms-powerpoint", "x-office-presentation"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml", "x-office-document"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml", "x-office-spreadsheet"},
    {"application/vnd.openxmlformats-officedocument.presentationml", "x-office-presentation"},
    {"application/x-iwork-pages", "x-office-document"},
    {"application/x-iwork-numbers", "x-office-spreadsheet"},
    {"application/x-iwork-keynote", "x-office-presentation"},
    {"application/vnd.visio", "x-office-drawing"},
    {"application/epub", "x-office-document"},
    {"application/zip", "package-x-generic"},
    {"application/gzip", "package-x-generic"},
    {"application/x-tar", "package-x-generic"},
    {"application/x-xz", "package-x-generic"},
    {"application/x-bzip2", "package-x-generic"},
    {"application/x-7z", "package-x-generic"},
    {"application/x-rar", "package-x-generic"},
});

std::string_view icon_of(std::string_view content_type) {
  for (const Row& row : kByType) {
    if (content_type.starts_with(row.start)) return row.icon;
  }
  return "file";
}

std::string drawing(std::string_view inside) {
  std::string out =
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32' width='32' height='32'>";
  out.append(inside).append("</svg>\n");
  return out;
}

std::optional<std::string> svg_of(std::string_view name) {
  if (name == kFolder) return drawing(kFolderShape);
  const auto* found = std::ranges::find(kIcons, name, &Icon::name);
  if (found == kIcons.end()) return std::nullopt;
  std::string inside(kSheet);
  inside.append("<g fill='").append(found->colour).append("'>").append(found->sign).append("</g>");
  return drawing(inside);
}

}  // namespace

std::string icon_address(const call::Call& call, std::string_view content_type) {
  std::string address = call::base_url(call);
  address.append(kIconFolder).append(icon_of(content_type)).append(".svg");
  return address;
}

http::Response mime_icon(const call::Call& call) {
  auto type = uri::form_value(call.head.query, "mime");
  http::Response response;
  response.status = 303;
  response.headers.set("Location", icon_address(call, text::lower_ascii(type.value_or(""))));
  response.headers.set("Cache-Control", "public, max-age=86400");
  return response;
}

http::Response icon(const call::Call& call) {
  std::string_view path = call.head.path;
  constexpr std::string_view kEnding = ".svg";
  std::string_view name = path.substr(path.rfind('/') + 1);
  std::optional<std::string> svg;
  if (name.ends_with(kEnding)) svg = svg_of(name.substr(0, name.size() - kEnding.size()));
  http::Response response;
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  if (!svg) {
    response.status = 404;
    return response;
  }
  response.headers.set("Content-Type", "image/svg+xml");
  response.headers.set("Cache-Control", "public, max-age=604800");
  response.body = std::move(*svg);
  return response;
}

}  // namespace essaim::pictures
