#include "protocols/dav/file_link.h"

#include <algorithm>
#include <array>

#include "base/text/text.h"
#include "features/files/node.h"
#include "formats/uri/uri.h"
#include "protocols/call/page.h"
#include "protocols/dav/archive.h"
#include "protocols/dav/content.h"
#include "protocols/dav/internal/pages.h"
#include "protocols/dav/properties.h"

namespace essaim::dav {

namespace {

// "12 Ko", "1,5 Mo"; "12 KB", "1.5 MB".
std::string size_text(ByteCount bytes, call::Language language) {
  constexpr std::array<std::string_view, 5> kFrench = {"o", "Ko", "Mo", "Go", "To"};
  constexpr std::array<std::string_view, 5> kEnglish = {"bytes", "KB", "MB", "GB", "TB"};
  bool french = language == call::Language::french;
  std::size_t unit = 0;
  ByteCount tenths = bytes * 10;
  for (; tenths >= 10 * kKiB && unit + 1 < kFrench.size(); ++unit) tenths /= kKiB;
  std::string out = std::to_string(tenths / 10);
  bool exact = unit == 0 || tenths >= 100 || tenths % 10 == 0;
  if (!exact) out += (french ? "," : ".") + std::to_string(tenths % 10);
  return out + " " + std::string(french ? kFrench[unit] : kEnglish[unit]);
}

Result<NodeId> id_of(const call::Call& call) {
  auto names = TRY(uri::split_path(call.head.path)).names;
  bool here = names.size() >= 2 && names[names.size() - 2] == "f";
  auto id = here ? text::to_int64(names.back()) : std::nullopt;
  if (!id || *id <= 0) return fail(Code::not_found, "no number");
  return NodeId{*id};
}

std::vector<html::Values> rows_of(const std::vector<files::Node>& nodes, call::Language language) {
  std::vector<html::Values> rows;
  for (const auto& node : nodes) {
    rows.emplace_back()
        .text("id", std::to_string(node.id.value))
        .text("name", node.name)
        .flag("folder", node.is_folder())
        .text("size", size_text(node.size, language));
  }
  return rows;
}

// The folder that the caller has it in; none for their root.
Result<std::string> above(store::ReadTx& tx, const call::Call& call, const access::Place& place,
                          files::Path path) {
  if (path.empty()) return std::string();
  path.pop_back();
  auto folder = TRY(files::find(tx, *call.caller, place, path));
  return folder.standing.rights.read ? std::to_string(folder.id.value) : std::string();
}

Result<http::Response> page_of(store::ReadTx& tx, const call::Call& call,
                               const access::Place& place, const files::Node& folder) {
  auto path = TRY(files::path_of(tx, *call.caller, place, folder.id));
  auto nodes = files::children(tx, *call.caller, folder);
  std::erase_if(nodes, [](const auto& node) { return !node.standing.rights.read; });
  std::stable_partition(nodes.begin(), nodes.end(),
                        [](const auto& node) { return node.is_folder(); });
  std::size_t more = nodes.size() - std::min(nodes.size(), kShownMax);
  nodes.resize(nodes.size() - more);
  std::string name = path.empty() ? std::string() : path.back();
  auto values = call::words(call.language, call.space.display_name);
  values.text("id", std::to_string(folder.id.value))
      .text("name", name)
      .text("above", TRY(above(tx, call, place, path)))
      .list("children", rows_of(nodes, call.language))
      .text("more", more > 0 ? std::to_string(more) : "")
      .flag("packed", folder.standing.rights.download && !nodes.empty());
  bool french = call.language == call::Language::french;
  std::string title = !name.empty() ? name : french ? "Mes fichiers" : "My files";
  return call::page(
      call.language,
      {.title = std::move(title), .space_name = call.space.display_name, .wide = true},
      html::fill(pages::folder, values));
}

http::Response only_to_look_at(const call::Call& call) {
  bool french = call.language == call::Language::french;
  return call::notice(call.language,
                      {.status = 403,
                       .title = french ? "Seulement à regarder" : "Only to look at",
                       .space_name = call.space.display_name},
                      french ? "Ce fichier ne se télécharge pas. L’application Nextcloud en montre "
                               "l’aperçu."
                             : "This file cannot be downloaded. The Nextcloud application shows a "
                               "preview of it.");
}

Result<http::Response> opened(store::ReadTx& tx, const call::Call& call, NodeId id) {
  auto place = TRY(access::files_of(*call.caller, call.caller->uid));
  auto node = TRY(files::find_by_id(tx, *call.caller, place, id));
  if (!node.standing.rights.read) return fail(Code::not_found, "not readable");
  if (!node.is_folder()) {
    if (!node.standing.rights.download) return only_to_look_at(call);
    return content_response(tx, call, node, quoted_etag(tx.facts(), node));
  }
  if (!wants_archive(call.head)) return page_of(tx, call, place, node);
  if (id == call.caller->home) node.name.clear();
  return archive(tx, call, node);
}

}  // namespace

http::Response file_link(store::ReadTx& tx, const call::Call& call) {
  auto id = id_of(call);
  if (id && call.caller == nullptr) return call::to_login("/f/" + std::to_string(id->value));
  auto response = id ? opened(tx, call, *id) : Result<http::Response>(fail(id.error().code, ""));
  if (!response) {
    return call::error_page(call.language, response.error(), call.space.display_name);
  }
  // What a cookie opens is for its owner's eyes, and no other site shows it.
  response->headers.set("Cache-Control", "private, no-store");
  response->headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return std::move(*response);
}

}  // namespace essaim::dav
