#include "features/shares/shares.h"

#include <algorithm>

#include "base/core/check.h"
#include "features/files/places.h"
#include "features/files/reach.h"
#include "features/members/groups.h"
#include "features/notices/activity.h"
#include "features/notices/notifications.h"

namespace essaim::shares {

namespace {

Share with(const access::Grant& grant, const sqlite::Rows& row) {
  Share out;
  out.id = grant.id;
  out.node = grant.node;
  out.who = grant.who;
  out.until = grant.until;
  out.download = grant.rights.download || !grant.rights.read;
  out.permissions = static_cast<int>(row.int64(0));
  out.attributes = row.text(1);
  out.note = row.text(2);
  out.label = row.text(3);
  out.made_by = {row.int64(4)};
  out.created = {row.int64(5)};
  return out;
}

std::optional<Share> share_of(store::ReadTx& tx, const access::Grant& grant) {
  auto rows = tx.query(R"sql(
    SELECT permissions, attributes, note, label, made_by, created_at FROM share WHERE id = ?)sql",
                       grant.id);
  if (!rows.next()) return std::nullopt;
  return with(grant, rows);
}

Result<Share> by_id(store::ReadTx& tx, GrantId id) {
  auto share = share_of(tx, TRY(access::find_grant(tx, id)));
  if (!share) return fail(Code::not_found, "a grant that nobody made as a share");
  return std::move(*share);
}

std::vector<Share> shares_of(store::ReadTx& tx, const std::vector<access::Grant>& grants) {
  std::vector<Share> out;
  for (const auto& grant : grants) {
    bool over = grant.until && *grant.until <= tx.now();
    auto share = over ? std::nullopt : share_of(tx, grant);
    if (share) out.push_back(std::move(*share));
  }
  std::ranges::sort(out, {}, &Share::id);
  return out;
}

std::vector<access::Grant> grants_of(store::ReadTx& tx, sqlite::Rows rows) {
  std::vector<GrantId> ids;
  while (rows.next()) ids.push_back({rows.int64(0)});
  std::vector<access::Grant> out;
  for (GrantId id : ids) {
    if (auto grant = access::find_grant(tx, id)) out.push_back(std::move(*grant));
  }
  return out;
}

Result<void> check_texts(std::string_view note, std::string_view label,
                         std::string_view attributes) {
  if (note.size() > kNoteMax) return fail(Code::bad_request, "the note is too long");
  if (label.size() > kLabelMax) return fail(Code::bad_request, "the label is too long");
  if (attributes.size() > kAttributesMax) return fail(Code::bad_request, "too many attributes");
  return {};
}

Result<int> checked_bits(const files::Node& node, int permissions) {
  if (permissions < 0 || permissions > kAll) return fail(Code::bad_request, "unknown permissions");
  if (!node.is_folder()) permissions &= kFileBits;
  bool reads = (permissions & kRead) != 0;
  if (!reads && permissions != kCreate) {
    return fail(Code::bad_request, "a share is read, or only dropped into");
  }
  return permissions;
}

// Nobody gives more than they have; what they lack to comment is left out in silence.
Result<access::Rights> checked_rights(const files::Node& node, int permissions, bool download) {
  auto rights = rights_of(permissions, download);
  const auto& have = node.standing.rights;
  rights.comment = rights.comment && have.comment;
  if (!have.covers(rights)) return fail(Code::not_found, "more than they have themselves");
  return rights;
}

Result<void> check_until(store::ReadTx& tx, const std::optional<Instant>& until) {
  if (until && *until <= tx.now()) return fail(Code::not_found, "a time in the past");
  return {};
}

bool may_change(const access::Caller& caller, const Share& share, const files::Node& node) {
  return share.made_by == caller.member || node.standing.rights.manage;
}

Result<void> check_grantee(store::ReadTx& tx, const access::Caller& caller, const files::Node& node,
                           const access::Grantee& who) {
  if (who.kind != access::Grantee::Kind::member) return {};
  if (who.id == caller.member.value) return fail(Code::forbidden, "with themselves");
  auto place = files::place_of(tx, node.standing.place);
  if (place && place->kind == files::PlaceKind::home && place->owner == who.id) {
    return fail(Code::forbidden, "with whose it is");
  }
  return {};
}

// The activity, and a notification for whoever it is for.
Result<void> tell(store::WriteTx& tx, notices::Type type, const access::Caller& caller,
                  const files::Node& node, const Share& share) {
  notices::Extra extra;
  if (share.who.kind == access::Grantee::Kind::member) {
    auto member = members::find(tx, MemberId{share.who.id});
    if (member) extra.other = member->uid;
  } else if (share.who.kind == access::Grantee::Kind::group) {
    auto group = members::find_group(tx, GroupId{share.who.id});
    if (group) extra.group = group->gid;
  }
  bool to_one = share.who.kind == access::Grantee::Kind::member;
  notices::record(tx, {.type = type,
                       .actor = caller.member,
                       .node = node.id,
                       .parent = node.parent,
                       .name = node.name,
                       .extra = std::move(extra),
                       .recipient = to_one ? MemberId{share.who.id} : MemberId{}});
  if (type == notices::Type::unshared) return {};
  // A group as large as the space is told by its folder alone.
  auto told = access::members_meant(tx, share.who);
  if (std::ssize(told) > kToldMax) return {};
  for (MemberId member : told) {
    if (member == caller.member) continue;
    TRY_VOID(notices::notify(tx, member,
                             {.app = "files_sharing",
                              .key = "shared",
                              .parameters = {{"actor", caller.uid},
                                             {"node", std::to_string(node.id.value)},
                                             {"name", node.name}},
                              .object_type = std::string(files::kGrantObject),
                              .object_id = std::to_string(share.id.value),
                              .link = "/index.php/f/" + std::to_string(node.id.value)}));
  }
  return {};
}

}  // namespace

access::Rights rights_of(int permissions, bool download) {
  bool read = (permissions & kRead) != 0;
  return {.read = read,
          .write = (permissions & kUpdate) != 0,
          .create = (permissions & kCreate) != 0,
          .remove = (permissions & kDelete) != 0,
          .share = (permissions & kReshare) != 0,
          .comment = read,
          .download = read && download};
}

int permissions_of(const files::Node& node) {
  const auto& rights = node.standing.rights;
  int out = 0;
  if (rights.read) out |= kRead;
  if (rights.write) out |= kUpdate;
  if (rights.create && node.is_folder()) out |= kCreate;
  if (rights.remove && node.is_folder()) out |= kDelete;
  if (rights.share) out |= kReshare;
  return out;
}

Result<Share> create(store::WriteTx& tx, const access::Caller& caller, const files::Node& node,
                     const NewShare& wanted) {
  if (!node.standing.rights.share) return fail(Code::forbidden, "no right to share");
  if (node.id == caller.home) return fail(Code::forbidden, "the home itself");
  TRY_VOID(check_texts(wanted.note, wanted.label, wanted.attributes));
  TRY_VOID(check_grantee(tx, caller, node, wanted.who));
  TRY_VOID(check_until(tx, wanted.until));
  int permissions = TRY(checked_bits(node, wanted.permissions));
  auto rights = TRY(checked_rights(node, permissions, wanted.download));
  for (const auto& grant : access::grants_on(tx, node.id)) {
    if (grant.who == wanted.who) return fail(Code::exists, "shared with them already");
  }
  auto id = TRY(files::give(tx, node.id, wanted.who, rights, wanted.until));
  tx.execute(R"sql(
    INSERT INTO share(id, node_id, made_by, permissions, attributes, note, label, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql",
             id, node.id, caller.member, permissions, wanted.attributes, wanted.note, wanted.label,
             tx.now().ms);
  auto share = TRY(by_id(tx, id));
  TRY_VOID(tell(tx, notices::Type::shared, caller, node, share));
  return share;
}

Result<Share> update(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                     GrantId id, const Change& change) {
  auto share = TRY(find(tx, caller, place, id));
  auto node = TRY(files::find_by_id(tx, caller, place, share.node));
  if (!may_change(caller, share, node)) return fail(Code::forbidden, "somebody else's share");
  share.note = change.note.value_or(share.note);
  share.label = change.label.value_or(share.label);
  share.attributes = change.attributes.value_or(share.attributes);
  share.download = change.download.value_or(share.download);
  share.permissions = TRY(checked_bits(node, change.permissions.value_or(share.permissions)));
  TRY_VOID(check_texts(share.note, share.label, share.attributes));
  if (change.until) TRY_VOID(check_until(tx, *change.until));
  if (change.until) share.until = *change.until;
  if (change.permissions || change.download || change.until) {
    auto rights = TRY(checked_rights(node, share.permissions, share.download));
    TRY_VOID(files::change_given(tx, id, rights, share.until));
  }
  tx.execute(R"sql(
    UPDATE share SET permissions = ?, attributes = ?, note = ?, label = ? WHERE id = ?)sql",
             share.permissions, share.attributes, share.note, share.label, id);
  return by_id(tx, id);
}

Result<void> remove(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                    GrantId id) {
  auto share = TRY(find(tx, caller, place, id));
  auto node = TRY(files::find_by_id(tx, caller, place, share.node));
  if (!may_change(caller, share, node)) return files::leave(tx, caller, share.node);
  TRY_VOID(tell(tx, notices::Type::unshared, caller, node, share));
  return files::take_back(tx, id);
}

Result<Share> find(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                   GrantId id) {
  auto share = TRY(by_id(tx, id));
  auto node = files::find_by_id(tx, caller, place, share.node);
  if (!node) return fail(Code::not_found, "not for this caller");
  if (may_change(caller, share, *node) || means(tx, caller, share.who)) return share;
  return fail(Code::not_found, "not for this caller");
}

std::vector<Share> made_by(store::ReadTx& tx, MemberId member) {
  return shares_of(tx, grants_of(tx, tx.query(R"sql(
    SELECT id FROM share WHERE made_by = ? ORDER BY id LIMIT ?)sql",
                                              member, kListMax)));
}

std::vector<Share> made_by(store::ReadTx& tx, MemberId member, std::span<const NodeId> nodes) {
  std::string list = "[";
  for (NodeId node : nodes) list += (list.size() > 1 ? "," : "") + std::to_string(node.value);
  list += "]";
  return shares_of(tx, grants_of(tx, tx.query(R"sql(
    SELECT id FROM share WHERE +made_by = ? AND node_id IN (SELECT value FROM json_each(?))
    ORDER BY id LIMIT ?)sql",
                                              member, list, kListMax)));
}

std::int64_t count_without_maker(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT count(*) FROM share WHERE made_by IS NULL)sql");
  return rows.next() ? rows.int64(0) : 0;
}

std::vector<Share> on_node(store::ReadTx& tx, NodeId node) {
  return shares_of(tx, access::grants_on(tx, node));
}

std::vector<Share> on_children(store::ReadTx& tx, NodeId folder) {
  return shares_of(tx, access::grants_on_children(tx, folder));
}

bool means(store::ReadTx& tx, const access::Caller& caller, const access::Grantee& who) {
  auto members = access::members_meant(tx, who);
  return std::ranges::find(members, caller.member) != members.end();
}

namespace {

std::vector<Share> for_caller(store::ReadTx& tx, const access::Caller& caller,
                              const std::vector<NodeId>& nodes) {
  std::vector<access::Grant> grants;
  for (NodeId node : nodes) {
    for (auto& grant : access::grants_on(tx, node)) {
      if (means(tx, caller, grant.who)) grants.push_back(std::move(grant));
    }
  }
  auto out = shares_of(tx, grants);
  if (std::ssize(out) > kListMax) out.resize(kListMax);
  return out;
}

}  // namespace

std::vector<Share> received(store::ReadTx& tx, const access::Caller& caller) {
  std::vector<NodeId> nodes;
  for (const auto& mount : files::mounted(tx, caller, {caller.home})) nodes.push_back(mount.node);
  return for_caller(tx, caller, nodes);
}

std::vector<Share> left(store::ReadTx& tx, const access::Caller& caller) {
  std::vector<NodeId> nodes;
  for (const auto& refusal : access::refusals(tx, caller.member)) nodes.push_back(refusal.node);
  return for_caller(tx, caller, nodes);
}

}  // namespace essaim::shares
