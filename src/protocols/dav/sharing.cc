// What listings say of other people: whose things are, and with whom they are shared.
#include "features/files/places.h"
#include "features/members/groups.h"
#include "features/shares/shares.h"
#include "protocols/dav/multistatus.h"

namespace essaim::dav {

namespace {

Sources::Given described(store::ReadTx& tx, const access::Grantee& who) {
  using Kind = access::Grantee::Kind;
  if (who.kind == Kind::member) {
    auto member = members::find(tx, MemberId{who.id});
    return {who, member ? member->uid : "", member ? member->display : ""};
  }
  if (who.kind == Kind::group) {
    auto group = members::find_group(tx, GroupId{who.id});
    return {who, group ? group->gid : "", group ? group->display : ""};
  }
  return {who, std::string(members::kEveryoneGid), std::string(members::kEveryoneName)};
}

void collect_note(store::ReadTx& tx, const call::Call& call, const files::Node& node,
                  Sources& sources) {
  for (const auto& share : shares::on_node(tx, node.id)) {
    if (share.note.empty() || !shares::means(tx, *call.caller, share.who)) continue;
    auto& note = sources.notes[node.id.value];
    if (!note.empty()) note += "\n";
    note += share.note;
  }
}

}  // namespace

void collect_owners(store::ReadTx& tx, const call::Call& call, Listing& listing) {
  const Wanted& wanted = listing.wanted;
  if (!wanted.asks(kOcNs, "owner-id") && !wanted.asks(kOcNs, "owner-display-name")) return;
  auto& owners = listing.sources.owners;
  for (const Entry& entry : listing.entries) {
    const files::Standing& standing = entry.node.standing;
    if (standing.place == call.caller->home || owners.contains(standing.place.value)) continue;
    auto place = files::place_of(tx, standing.place);
    if (!place || place->kind != files::PlaceKind::home) continue;
    auto owner = members::find(tx, MemberId{place->owner});
    if (owner) owners[standing.place.value] = {owner->uid, owner->display};
  }
}

void collect_shares(store::ReadTx& tx, const call::Call& call, Listing& listing) {
  bool names = listing.wanted.asks(kNcNs, "sharees");
  bool types = listing.wanted.asks(kOcNs, "share-types");
  bool notes = listing.wanted.asks(kNcNs, "note");
  if (!names && !types && !notes) return;
  Sources& sources = listing.sources;
  auto add = [&](const shares::Share& share) {
    sources.shares[share.node.value].push_back(described(tx, share.who));
  };
  std::vector<NodeId> others;
  for (const Entry& entry : listing.entries) {
    const files::Node& node = entry.node;
    if (node.given == 0) continue;
    if (notes && node.standing.mount_root) collect_note(tx, call, node, sources);
    // Whoever manages a node may know of all its shares, and the kinds alone are known from the
    // node; others know of those they made.
    if (!node.standing.rights.manage) {
      if (names || (types && node.standing.rights.share)) others.push_back(node.id);
    } else if (names) {
      for (const auto& share : shares::on_node(tx, node.id)) add(share);
    }
  }
  if (others.empty()) return;
  for (const auto& share : shares::made_by(tx, call.caller->member, others)) add(share);
}

}  // namespace essaim::dav
