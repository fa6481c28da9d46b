#include "protocols/ocs/search.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text/text.h"
#include "features/files/search.h"
#include "features/previews/previews.h"
#include "formats/mime/types.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/paths.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace json = boost::json;
using namespace internal;

namespace {

// CLIENT: the desktop and iOS name no limit, and take the first cursor for the size of a page.
constexpr std::int64_t kGivenDefault = 5;
constexpr std::int64_t kGivenMax = 100;

std::string_view title_of_files(const call::Call& call) {
  return call.language == call::Language::french ? "Fichiers" : "Files";
}

std::string encoded(std::string_view value) {
  std::string out;
  for (char each : text::percent_encode_path(value)) {
    if (each == '&') {
      out += "%26";
    } else {
      out += each;
    }
  }
  return out;
}

// What a person types stands for itself.
files::Condition named(std::string_view term) {
  files::Condition out;
  out.op = files::Condition::Op::like;
  out.field = files::Field::name;
  out.text = "%";
  for (char each : term) {
    if (each == '%' || each == '_' || each == '\\') out.text += '\\';
    out.text += each;
  }
  out.text += '%';
  return out;
}

// CLIENT: the desktop opens its own copy by `dir` and `scrollto`; Android takes the attributes.
json::object entry(const call::Call& call, const files::Found& found) {
  const files::Node& node = found.node;
  std::string base = call::base_url(call);
  std::string id = std::to_string(node.id.value);
  std::string above = slashed({found.path.begin(), found.path.end() - 1});
  bool drawn = !node.is_folder() && previews::kind_of(call.previews, mime::type_of(node.name),
                                                      node.size) != previews::Kind::none;
  bool french = call.language == call::Language::french;
  std::string where = above.empty() ? "" : (french ? "dans " : "in ") + above.substr(1);
  std::string address = base + "/index.php/f/" + id +
                        "?dir=" + encoded(above.empty() ? "/" : above) +
                        "&scrollto=" + encoded(node.name);
  return {{"thumbnailUrl", drawn ? base + "/index.php/core/preview?x=32&y=32&fileId=" + id : ""},
          {"title", found.path.back()},
          {"subline", where},
          {"resourceUrl", address},
          {"icon", base + "/core/img/filetypes/" + (node.is_folder() ? "folder" : "file") + ".svg"},
          {"rounded", false},
          {"attributes", {{"fileId", id}, {"path", slashed(found.path)}}}};
}

Result<http::Response> run(store::ReadTx& tx, const call::Call& call) {
  auto params = TRY(Params::of(call));
  std::string term(text::trim(params.text_or("term", "")));
  if (term.empty() || term.size() > files::kLiteralMax / 2) {
    return refuse(call, {400, "Que faut-il chercher ?", "What is to be found?"});
  }
  auto place = TRY(access::files_of(*call.caller, call.caller->uid));
  files::Search search;
  search.where = named(term);
  search.scope = TRY(files::find(tx, *call.caller, place, {}));
  search.order = {{files::Field::mtime, true}, {files::Field::name, false}};
  search.first =
      std::clamp<std::int64_t>(TRY(params.number("cursor")).value_or(0), 0, files::kFirstMax);
  auto limit =
      std::clamp<std::int64_t>(TRY(params.number("limit")).value_or(kGivenDefault), 1, kGivenMax);
  search.limit = limit + 1;
  auto found = TRY(files::search(tx, *call.caller, place, search));
  bool more = static_cast<std::int64_t>(found.size()) > limit;
  if (more) found.pop_back();
  json::array entries;
  for (const auto& each : found) entries.push_back(entry(call, each));
  return ok(call,
            json::object{{"name", title_of_files(call)},
                         {"isPaginated", more},
                         {"entries", std::move(entries)},
                         {"cursor", more ? json::value(search.first + limit) : json::value()}});
}

}  // namespace

http::Response search_providers(store::ReadTx&, const call::Call& call) {
  return ok(call, json::array{json::object{
                      {"id", "files"},
                      {"appId", "files"},
                      {"name", title_of_files(call)},
                      {"icon", call::base_url(call) + "/core/img/filetypes/folder.svg"},
                      {"order", 5},
                      {"triggers", json::array{"files"}},
                      {"filters", json::object{{"term", "string"}}},
                      {"inAppSearch", false},
                      {"isExternalProvider", false}}});
}

http::Response search_files(store::ReadTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return refuse(call.head, call.language, response.error());
  return std::move(*response);
}

}  // namespace essaim::ocs
