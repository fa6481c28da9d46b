#include "protocols/dav/search.h"

#include <algorithm>

#include "base/text/text.h"
#include "formats/uri/uri.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/locks.h"
#include "protocols/dav/note_properties.h"
#include "protocols/dav/preconditions.h"
#include "protocols/dav/search_request.h"
#include "space/store/space.h"

namespace essaim::dav {

namespace {

// CLIENT: Android and iOS write the scope below /remote.php/dav, or as a whole path; encoded or
// not.
Result<Address> scope_address(const call::Call& call, const std::string& href) {
  auto target = uri::parse_target(href);
  std::string path = target ? target->path : href;
  if (target && !target->authority.empty()) {
    auto host = TRY(uri::host_of(target->authority));
    if (!call.owns_host(host)) return fail(Code::not_found, "scope in another space");
  }
  if (!path.starts_with("/remote.php/")) path = "/remote.php/dav" + path;
  auto address = files_address(path, *call.caller);
  if (address || address.error().code == Code::not_found) return address;
  return files_address(text::percent_encode_path(path), *call.caller);
}

Result<files::Node> scope_node(store::ReadTx& tx, const call::Call& call, const std::string& href,
                               Address& address) {
  auto node = node_at(tx, call, address);
  if (node) return std::move(*node);
  // A name that holds a percent sign, not encoded.
  auto literal = files_address(text::percent_encode_path("/remote.php/dav" + href), *call.caller);
  if (literal) node = node_at(tx, call, *literal);
  if (!node) return fail(Code::not_found, "no such scope");
  address = std::move(*literal);
  return std::move(*node);
}

http::Response found(store::ReadTx& tx, const call::Call& call, const access::Place& place,
                     Wanted wanted, std::vector<files::Found> results) {
  Listing listing;
  listing.wanted = std::move(wanted);
  listing.wanted.minimal = call.head.headers.has_token("Prefer", "return=minimal");
  listing.base = href_of(call, {});
  Sources& sources = listing.sources;
  sources.facts = tx.facts();
  sources.owner_uid = call.caller->uid;
  sources.owner_display = call.caller->display;
  sources.root = place.root;
  collect_previews(tx, call, listing);
  if (listing.wanted.asks(kOcNs, "data-fingerprint")) sources.fingerprint = store::fingerprint(tx);
  if (listing.wanted.asks(kDavNs, "quota-available-bytes")) {
    sources.quota = files::quota(tx, place.root);
  }
  for (auto& each : results) {
    std::string name;
    for (const std::string& part : each.path) {
      if (!name.empty()) name += '/';
      name += part;
    }
    listing.entries.push_back({std::move(name), std::move(each.node)});
  }
  collect_owners(tx, call, listing);
  collect_shares(tx, call, listing);
  collect_own_locks(tx, call, listing);
  collect_notes(tx, call, listing);
  return multistatus(std::move(listing));
}

Result<http::Response> run_search(store::ReadTx& tx, const call::Call& call) {
  auto request = TRY(parse_search(call.body));
  auto address = TRY(scope_address(call, request.href));
  auto node = TRY(scope_node(tx, call, request.href, address));
  request.search.scope = std::move(node);
  auto results = TRY(files::search(tx, *call.caller, address.place, request.search));
  return found(tx, call, address.place, std::move(request.wanted), std::move(results));
}

// What has the tags, lies below the address and fits the stars: the rules of a report know no
// other conditions.
Result<std::vector<files::Found>> tagged(store::ReadTx& tx, const call::Call& call,
                                         const Address& address, const FileReport& report) {
  auto nodes = files::tagged(tx, *call.caller, address.place, report.tags);
  if (!nodes && nodes.error().code == Code::not_found) {
    return fail(Code::precondition_failed, "no such tag");
  }
  if (!nodes) return tl::unexpected(nodes.error());
  std::vector<files::Found> out;
  std::int64_t left_out = 0;
  for (files::Node& node : *nodes) {
    auto path = TRY(files::path_of(tx, *call.caller, address.place, node.id));
    bool below = path.size() > address.path.size() &&
                 std::equal(address.path.begin(), address.path.end(), path.begin());
    bool fits = std::ranges::all_of(report.search.where.of, [&](const files::Condition& star) {
      return (star.number != 0) == node.favorite;
    });
    if (!below || !fits || left_out++ < report.search.first) continue;
    if (static_cast<std::int64_t>(out.size()) == report.search.limit) break;
    out.push_back({std::move(node), std::move(path)});
  }
  return out;
}

Result<http::Response> run_report(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = TRY(files::find(tx, *call.caller, address.place, address.path));
  auto report = parse_file_report(call.body);
  if (!report && report.error().code == Code::unsupported) {
    return error_response({Code::forbidden, {}}, call.language, "<d:supported-report/>");
  }
  if (!report) return tl::unexpected(report.error());
  report->search.scope = std::move(node);
  auto results = report->tags.empty()
                     ? TRY(files::search(tx, *call.caller, address.place, report->search))
                     : TRY(tagged(tx, call, address, *report));
  return found(tx, call, address.place, std::move(report->wanted), std::move(results));
}

}  // namespace

http::Response search(store::ReadTx& tx, const call::Call& call) {
  auto response = run_search(tx, call);
  if (!response) return error_response(response.error(), call.language);
  return std::move(*response);
}

http::Response report(store::ReadTx& tx, const call::Call& call) {
  auto response = run_report(tx, call);
  if (!response) return error_response(response.error(), call.language);
  return std::move(*response);
}

}  // namespace essaim::dav
