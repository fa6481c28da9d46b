#include "formats/http/dav_headers.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/locks.h"
#include "protocols/dav/multistatus.h"
#include "protocols/dav/note_properties.h"
#include "protocols/dav/preconditions.h"
#include "space/store/space.h"

namespace essaim::dav {

namespace {

Result<http::Depth> depth_of(const http::Headers& headers) {
  auto depth = TRY(http::parse_depth(headers));
  return depth.value_or(http::Depth::one);
}

void collect_sources(store::ReadTx& tx, const call::Call& call, const Address& address,
                     Listing& listing) {
  Sources& sources = listing.sources;
  const Wanted& wanted = listing.wanted;
  sources.facts = tx.facts();
  sources.owner_uid = call.caller->uid;
  sources.owner_display = call.caller->display;
  sources.root = address.place.root;
  if (wanted.asks(kOcNs, "data-fingerprint")) sources.fingerprint = store::fingerprint(tx);
  if (wanted.asks(kDavNs, "quota-available-bytes")) {
    sources.quota = files::quota(tx, listing.entries.front().node.standing.place);
    sources.home_quota = files::quota(tx, address.place.root);
  }
  collect_previews(tx, call, listing);
  collect_owners(tx, call, listing);
  collect_shares(tx, call, listing);
  bool depth_one = listing.entries.size() > 1;
  if (wanted.needs_dead()) {
    sources.dead = files::properties(tx, *call.caller, listing.entries.front().node.id, depth_one);
  }
  collect_locks(tx, call, listing);
  collect_notes(tx, call, listing);
  bool counts =
      wanted.asks(kNcNs, "contained-folder-count") || wanted.asks(kNcNs, "contained-file-count");
  if (counts) {
    NodeId self = listing.entries.front().node.id;
    sources.child_counts = files::count_grandchildren(tx, self);
    sources.child_counts[self.value] = files::count_children(tx, self);
  }
}

Result<http::Response> run(store::ReadTx& tx, const call::Call& call) {
  auto depth = TRY(depth_of(call.head.headers));
  Listing listing;
  listing.wanted = TRY(parse_propfind(call.body));
  listing.wanted.minimal = call.head.headers.has_token("Prefer", "return=minimal");
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = TRY(files::find(tx, *call.caller, address.place, address.path));
  listing.base = href_base(call.head.path);
  bool list = depth != http::Depth::zero && node.is_folder();
  // Not found would make clients believe that the folder itself is gone.
  if (list && !node.standing.rights.read) return fail(Code::forbidden, "only to drop things in");
  listing.entries.push_back({"", std::move(node)});
  if (list) {
    auto children = files::children(tx, *call.caller, listing.entries.front().node);
    listing.entries.reserve(children.size() + 1);
    for (auto& child : children) {
      listing.entries.push_back({.href_name = "", .node = std::move(child), .child = true});
    }
  }
  collect_sources(tx, call, address, listing);
  return multistatus(std::move(listing));
}

}  // namespace

http::Response propfind(store::ReadTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return error_response(response.error(), call.language);
  return std::move(*response);
}

http::Response propfind_above(store::ReadTx& tx, const call::Call& call) {
  auto depth = depth_of(call.head.headers);
  auto wanted = parse_propfind(call.body);
  if (!depth) return error_response(depth.error(), call.language);
  if (!wanted) return error_response(wanted.error(), call.language);
  Listing listing;
  listing.wanted = std::move(*wanted);
  listing.base = href_base(call.head.path);
  listing.sources.facts = tx.facts();
  listing.sources.owner_uid = call.caller->uid;
  listing.sources.owner_display = call.caller->display;
  listing.sources.root = NodeId{-1};
  auto place = access::files_of(*call.caller, call.caller->uid);
  if (!place) return error_response(place.error(), call.language);
  auto home = files::find(tx, *call.caller, *place, {});
  if (!home) return error_response(home.error(), call.language);
  // Everything below is the caller's one tree, so its etag and size speak for what is above it.
  files::Node self = *home;
  self.id = NodeId{1};
  self.standing.rights = {.read = true};
  bool files_folder = listing.base.ends_with("/files");
  self.name = files_folder ? "files" : "dav";
  listing.entries.push_back({"", self});
  if (*depth != http::Depth::zero) {
    listing.entries.push_back({files_folder ? call.caller->uid : "files", *home});
  }
  return multistatus(std::move(listing));
}

}  // namespace essaim::dav
