#include "protocols/dav/trashbin.h"

#include <algorithm>

#include "features/files/trash.h"
#include "formats/http/dav_headers.h"
#include "protocols/dav/address.h"
#include "protocols/dav/content.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/multistatus.h"
#include "protocols/dav/preconditions.h"
#include "protocols/dav/resources.h"

namespace essaim::dav {

namespace {

constexpr std::string_view kArea = "trashbin";
constexpr std::string_view kTrash = "trash";
constexpr std::string_view kRestore = "restore";

// Below the folder "trash" of the caller's bin; empty is that folder itself.
Result<Address> trash_address(const call::Call& call) {
  auto address = TRY(area_address(call.head.path, kArea, *call.caller));
  if (address.path.empty() || address.path.front() == kRestore) {
    return fail(Code::forbidden, "an address and nothing else");
  }
  if (address.path.front() != kTrash) return fail(Code::not_found, "no such folder");
  address.path.erase(address.path.begin());
  return address;
}

Entry bare(std::string name) {
  Entry entry{std::move(name), {}, true};
  entry.node.kind = files::Kind::folder;
  return entry;
}

void add(Listing& listing, std::string name, files::Binned binned) {
  files::Node node = binned.node;
  // What is in a bin is read, restored or ended.
  const auto& rights = node.standing.rights;
  bool own = node.standing.place == listing.sources.root;
  node.standing.rights = {.read = rights.read,
                          .remove = own ? rights.remove : rights.manage,
                          .download = rights.download};
  listing.sources.binned.emplace(node.id.value, std::move(binned));
  listing.entries.push_back({std::move(name), std::move(node)});
}

Result<void> list_trash(store::ReadTx& tx, const call::Call& call, const Address& address,
                        bool below, Listing& listing) {
  std::vector<files::Binned> found;
  if (address.path.empty()) {
    listing.entries.push_back(bare(""));
    if (below) found = TRY(files::list_bin(tx, *call.caller, address.place));
  } else {
    auto binned = TRY(files::find_binned(tx, *call.caller, address.place, address.path));
    if (below && binned.node.is_folder()) {
      found = files::list_binned(tx, *call.caller, binned);
    }
    add(listing, "", std::move(binned));
  }
  for (auto& each : found) {
    std::string name = each.bin_name;
    add(listing, std::move(name), std::move(each));
  }
  return {};
}

Result<http::Response> run_propfind(store::ReadTx& tx, const call::Call& call) {
  auto depth = TRY(http::parse_depth(call.head.headers)).value_or(http::Depth::one);
  bool below = depth != http::Depth::zero;
  Listing listing;
  listing.wanted = TRY(parse_propfind(call.body));
  listing.wanted.minimal = call.head.headers.has_token("Prefer", "return=minimal");
  auto address = TRY(area_address(call.head.path, kArea, *call.caller));
  listing.base = href_base(call.head.path);
  Sources& sources = listing.sources;
  sources.facts = tx.facts();
  sources.root = address.place.root;
  sources.owner_uid = call.caller->uid;
  sources.owner_display = call.caller->display;
  collect_previews(tx, call, listing);
  if (listing.wanted.asks(kDavNs, "quota-available-bytes")) {
    sources.home_quota = files::quota(tx, address.place.root);
  }
  if (address.path.empty()) {
    listing.entries.push_back(bare(""));
    if (below) {
      listing.entries.push_back(bare(std::string(kRestore)));
      listing.entries.push_back(bare(std::string(kTrash)));
    }
  } else if (address.path.front() == kRestore && address.path.size() == 1) {
    listing.entries.push_back(bare(""));
  } else if (address.path.front() == kTrash) {
    address.path.erase(address.path.begin());
    TRY_VOID(list_trash(tx, call, address, below, listing));
  } else {
    return fail(Code::not_found, "no such folder");
  }
  return multistatus(std::move(listing));
}

Result<http::Response> run_get(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(trash_address(call));
  if (address.path.empty()) return method_not_allowed(kBinAllow, call.language);
  auto binned = TRY(files::find_binned(tx, *call.caller, address.place, address.path));
  if (binned.node.is_folder()) return method_not_allowed(kBinAllow, call.language);
  return content_response(tx, call, binned.node, quoted_etag(tx.facts(), binned.node));
}

Result<http::Response> run_delete(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(trash_address(call));
  if (address.path.empty()) {
    TRY_VOID(files::empty_bin(tx, *call.caller));
  } else {
    auto binned = TRY(files::find_binned(tx, *call.caller, address.place, address.path));
    TRY_VOID(check_preconditions(tx, call, binned.node));
    TRY_VOID(files::remove_binned(tx, *call.caller, address.place, address.path));
  }
  http::Response response;
  response.status = 204;
  response.body = std::string();
  return response;
}

Result<http::Response> run_move(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(trash_address(call));
  if (address.path.empty()) return fail(Code::forbidden, "the folder itself stays");
  auto binned = TRY(files::find_binned(tx, *call.caller, address.place, address.path));
  TRY_VOID(check_preconditions(tx, call, binned.node));
  auto path = TRY(destination_path(call));
  auto to = area_address(path, kArea, *call.caller);
  if (!to || to->path.size() != 2 || to->path.front() != kRestore) {
    return fail(Code::forbidden, "a restore goes below /restore");
  }
  auto node = TRY(files::restore(tx, *call.caller, address.place, address.path));
  http::Response response;
  response.status = 201;
  std::string etag = quoted_etag(tx.facts(), node);
  response.headers.set("ETag", etag);
  response.headers.set("OC-ETag", etag);
  response.headers.set("OC-FileId", global_id(node.id, tx.facts().instance_id));
  response.body = std::string();
  return response;
}

}  // namespace

http::Response options_bin(const call::Call&) {
  return options_of(kBinAllow);
}

http::Response propfind_bin(store::ReadTx& tx, const call::Call& call) {
  return or_refusal(call, run_propfind(tx, call));
}
http::Response get_binned(store::ReadTx& tx, const call::Call& call) {
  return or_refusal(call, run_get(tx, call));
}
call::Answer delete_binned(store::WriteTx& tx, const call::Call& call) {
  return or_refusal(call, run_delete(tx, call));
}
call::Answer move_binned(store::WriteTx& tx, const call::Call& call) {
  return or_refusal(call, run_move(tx, call));
}

}  // namespace essaim::dav
