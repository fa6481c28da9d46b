#include "features/files/places.h"

#include "base/core/check.h"
#include "base/text/text.h"
#include "features/files/internal/bin.h"
#include "features/files/internal/settle.h"
#include "features/files/reach.h"
#include "features/files/uploads.h"
#include "space/journal/journal.h"

namespace essaim::files {

namespace {

constexpr NodeId kEverything{1};
constexpr std::string_view kHeldPrefix = "held-";

NodeId insert_root(store::WriteTx& tx, std::string_view name, PlaceKind kind, std::int64_t owner) {
  Seq seq = journal::append(tx, kEverything, journal::Op::created);
  tx.execute(R"sql(
    INSERT INTO node(parent_id, name, kind, mtime, seq, own_seq) VALUES (1, ?, 1, ?, ?, ?))sql",
             name, tx.now().seconds(), seq, seq);
  NodeId root{tx.last_insert_rowid()};
  internal::touch_up(tx, kEverything, seq, {});
  tx.execute(R"sql(INSERT INTO usage(place, bytes, files) VALUES (?, 0, 0))sql", root);
  tx.execute(R"sql(INSERT INTO place(root, kind, owner) VALUES (?, ?, ?))sql", root,
             static_cast<int>(kind), owner);
  return root;
}

std::optional<NodeId> root_of(store::ReadTx& tx, PlaceKind kind, std::int64_t owner) {
  auto rows = tx.query(R"sql(SELECT root FROM place WHERE kind = ? AND owner = ?)sql",
                       static_cast<int>(kind), owner);
  if (!rows.next()) return std::nullopt;
  return NodeId{rows.int64(0)};
}

NodeId folder_of(store::ReadTx& tx, GroupId group) {
  auto root = root_of(tx, PlaceKind::group, group.value);
  CHECK(root);
  return *root;
}

// Its folder goes to the purge with whatever is still in it.
void drop_place(store::WriteTx& tx, const Node& root) {
  tx.execute(R"sql(DELETE FROM place WHERE root = ?)sql", root.id);
  tx.execute(R"sql(DELETE FROM usage WHERE place = ?)sql", root.id);
  internal::to_purge(tx, root);
}

// "held-12-Léa Martin": who left it, with a number that no two have.
std::string held_name(const members::Member& member) {
  return std::string(kHeldPrefix) + std::to_string(member.id.value) + "-" + member.display;
}

std::string display_held(std::string_view name) {
  name.remove_prefix(std::min(name.find('-', kHeldPrefix.size()) + 1, name.size()));
  return std::string(name);
}

}  // namespace

Result<PlaceInfo> place_of(store::ReadTx& tx, NodeId root) {
  auto rows = tx.query(R"sql(SELECT root, kind, owner FROM place WHERE root = ?)sql", root);
  if (!rows.next()) return fail(Code::not_found, "no such place");
  return PlaceInfo{{rows.int64(0)}, static_cast<PlaceKind>(rows.int64(1)), rows.int64(2)};
}

std::vector<PlaceInfo> places(store::ReadTx& tx) {
  std::vector<PlaceInfo> out;
  auto rows = tx.query(R"sql(SELECT root, kind, owner FROM place ORDER BY kind, root LIMIT ?)sql",
                       3 * members::kMembersMax);
  while (rows.next()) {
    out.push_back({{rows.int64(0)}, static_cast<PlaceKind>(rows.int64(1)), rows.int64(2)});
  }
  return out;
}

std::string place_name(store::ReadTx& tx, NodeId root) {
  auto place = place_of(tx, root);
  CHECK(place);
  switch (place->kind) {
    case PlaceKind::home: {
      auto member = members::find(tx, MemberId{place->owner});
      return member ? member->uid : std::string();
    }
    case PlaceKind::common:
      return std::string(kCommonName);
    case PlaceKind::group: {
      auto group = members::find_group(tx, GroupId{place->owner});
      CHECK(group);
      return group->display;
    }
    case PlaceKind::holding:
    case PlaceKind::left: {
      auto node = internal::by_id(tx, root);
      return node ? display_held(node->name) : std::string();
    }
  }
  return {};
}

Result<NodeId> create_home(store::WriteTx& tx, const members::Member& member) {
  if (member.home) return fail(Code::exists, "the member has a home");
  NodeId home =
      insert_root(tx, "home-" + std::to_string(member.id.value), PlaceKind::home, member.id.value);
  members::set_home(tx, member.id, home);
  settle_member(tx, member.id,
                {{access::Grantee::Kind::everyone}, {access::Grantee::Kind::gestion}});
  return home;
}

Result<members::Group> create_group(store::WriteTx& tx, std::string_view gid,
                                    std::string_view display) {
  auto group = TRY(members::add_group(tx, gid, display));
  std::int64_t id = group.id.value;
  NodeId root = insert_root(tx, "group-" + std::to_string(id), PlaceKind::group, id);
  TRY(give(tx, root, {access::Grantee::Kind::group, id}, access::kEdit, std::nullopt));
  TRY(give(tx, root, {access::Grantee::Kind::managers, id}, access::kManage, std::nullopt));
  return group;
}

Result<void> rename_group(store::WriteTx& tx, const members::Group& group,
                          std::string_view display) {
  TRY_VOID(members::rename_group(tx, group.id, display));
  NodeId root = folder_of(tx, group.id);
  Seq seq = journal::append(tx, root, journal::Op::properties);
  for (MemberId id : members::member_ids_of(tx, group.id)) {
    auto mount = internal::mount_at(tx, id, root);
    if (!mount || mount->name != group.display) continue;
    std::string name = TRY(internal::free_name(tx, mount->parent, std::string(display)));
    tx.execute(R"sql(UPDATE mount SET name = ? WHERE member_id = ? AND node_id = ?)sql", name, id,
               root);
    internal::touch_up(tx, mount->parent, seq, {});
  }
  return {};
}

Result<void> remove_group(store::WriteTx& tx, const members::Group& group) {
  NodeId root = folder_of(tx, group.id);
  auto node = internal::by_id(tx, root);
  CHECK(node);
  auto counts = count_children(tx, root);
  if (counts.folders + counts.files > 0) {
    return fail(Code::conflict, "the folder of the group is not empty");
  }
  journal::append(tx, root, journal::Op::deleted);
  // Everybody leaves first, while the grants still say what they saw by them.
  for (MemberId id : members::member_ids_of(tx, group.id)) leave_group(tx, group.id, id);
  for (const auto& grant : access::grants_on(tx, root)) TRY_VOID(take_back(tx, grant.id));
  for (auto kind : {access::Grantee::Kind::group, access::Grantee::Kind::managers}) {
    for (const auto& grant : access::grants_for(tx, {kind, group.id.value})) {
      TRY_VOID(take_back(tx, grant.id));
    }
  }
  if (auto bin = internal::bin_of(tx, root)) internal::discard(tx, root, *bin);
  auto empty = internal::by_id(tx, root);
  CHECK(empty);
  drop_place(tx, *empty);
  members::remove_group(tx, group.id);
  return {};
}

namespace {

std::vector<access::Grantee> meaning(GroupId group) {
  return {{access::Grantee::Kind::group, group.value},
          {access::Grantee::Kind::managers, group.value}};
}

}  // namespace

void join_group(store::WriteTx& tx, GroupId group, MemberId member, members::Manager manager) {
  members::put_in_group(tx, group, member, manager);
  settle_member(tx, member, meaning(group));
}

bool leave_group(store::WriteTx& tx, GroupId group, MemberId member) {
  if (!members::take_out_of_group(tx, group, member)) return false;
  settle_member(tx, member, meaning(group));
  return true;
}

Result<void> set_role(store::WriteTx& tx, MemberId member, members::Role role) {
  TRY_VOID(members::set_role(tx, member, role));
  settle_member(tx, member, {{access::Grantee::Kind::everyone}, {access::Grantee::Kind::gestion}});
  return {};
}

namespace {

Result<members::Member> heir_of(store::ReadTx& tx, MemberId id, MemberId from) {
  auto heir = TRY(members::find(tx, id));
  if (heir.id == from || !heir.home || heir.role == members::Role::guest) {
    return fail(Code::conflict, "this person cannot take over");
  }
  return heir;
}

// Everything in the tree `root` becomes a folder of the heir's home; its bin is let go.
Result<void> give_tree(store::WriteTx& tx, const Node& root, const std::string& of,
                       const members::Member& heir) {
  if (auto bin = internal::bin_of(tx, root.id)) internal::discard(tx, root.id, *bin);
  auto counts = count_children(tx, root.id);
  if (counts.folders + counts.files > 0) {
    std::string wish = "Fichiers de " + of;
    auto name =
        TRY(internal::free_name(tx, heir.home, check_name(wish) ? wish : "Fichiers repris"));
    NodeId folder = internal::insert_folder(tx, heir.home, name);
    Seq seq = journal::append(tx, folder, journal::Op::moved);
    tx.execute(R"sql(UPDATE node SET parent_id = ? WHERE parent_id = ?)sql", folder, root.id);
    internal::touch_up(tx, root.id, seq, internal::without(root));
    internal::touch_up(tx, folder, seq, internal::whole(root));
    internal::add_usage(tx, root.id, internal::without(root));
    internal::add_usage(tx, heir.home, internal::whole(root));
    auto moved = internal::by_id(tx, folder);
    CHECK(moved);
    internal::settle_moved(tx, *moved, seq);
  }
  auto empty = internal::by_id(tx, root.id);
  CHECK(empty);
  drop_place(tx, *empty);
  return {};
}

void end_uploads(store::WriteTx& tx, blobs::Store& blobs, MemberId member) {
  std::vector<Upload> uploads;
  {
    auto rows = tx.query(R"sql(
      SELECT id, name FROM upload WHERE member_id = ? ORDER BY id LIMIT ?)sql",
                         member, kUploadsMax);
    while (rows.next()) uploads.push_back({rows.int64(0), std::string(rows.text(1))});
  }
  for (const Upload& upload : uploads) remove_upload(tx, blobs, upload);
}

}  // namespace

Result<void> hand_over(store::WriteTx& tx, blobs::Store& blobs, MemberId id,
                       std::optional<MemberId> heir) {
  auto member = TRY(members::find(tx, id));
  std::optional<members::Member> to;
  if (heir) to = TRY(heir_of(tx, *heir, id));
  end_uploads(tx, blobs, id);
  for (const auto& grant : access::grants_for(tx, {access::Grantee::Kind::member, id.value})) {
    TRY_VOID(take_back(tx, grant.id));
  }
  tx.execute(R"sql(DELETE FROM mount WHERE member_id = ?)sql", id);
  auto root = member.home ? internal::by_id(tx, member.home) : std::nullopt;
  if (root && to) {
    TRY_VOID(give_tree(tx, *root, member.display, *to));
  } else if (root && root->files + root->grants > 0) {
    tx.execute(R"sql(UPDATE place SET kind = 4 WHERE root = ?)sql", root->id);
    tx.execute(R"sql(UPDATE node SET name = ?, uploaded = ? WHERE id = ?)sql", held_name(member),
               tx.now().seconds(), root->id);
  } else if (root) {
    if (auto bin = internal::bin_of(tx, root->id)) internal::discard(tx, root->id, *bin);
    drop_place(tx, *internal::by_id(tx, root->id));
  }
  members::remove(tx, id);
  return {};
}

Result<void> give_held(store::WriteTx& tx, NodeId held, MemberId heir) {
  auto place = TRY(place_of(tx, held));
  if (place.kind != PlaceKind::holding) return fail(Code::not_found, "nothing is held there");
  auto to = TRY(heir_of(tx, heir, MemberId{}));
  auto root = internal::by_id(tx, held);
  CHECK(root);
  return give_tree(tx, *root, display_held(root->name), to);
}

std::vector<Held> held(store::ReadTx& tx) {
  std::vector<Held> out;
  auto rows = tx.query(R"sql(
    SELECT node.id, node.name, uploaded, size, files
    FROM place JOIN node ON node.id = place.root WHERE place.kind = 4
    ORDER BY uploaded LIMIT ?)sql",
                       members::kMembersMax);
  while (rows.next()) {
    out.push_back({{rows.int64(0)},
                   display_held(rows.text(1)),
                   {rows.int64(2) * 1000},
                   rows.int64(3),
                   rows.int64(4)});
  }
  return out;
}

namespace {

struct Below {
  NodeId id;
  std::int64_t grants = 0;
};

std::vector<Below> below(store::ReadTx& tx, NodeId folder) {
  std::vector<Below> out;
  auto rows = tx.query(R"sql(
    SELECT id, grants FROM node WHERE parent_id = ?1 AND id <> ?1 ORDER BY name LIMIT ?2)sql",
                       folder, kChildrenMax);
  while (rows.next()) out.push_back({{rows.int64(0)}, rows.int64(1)});
  return out;
}

// Lets go of what nobody was given; what is shared stays where it is.
void prune(store::WriteTx& tx, NodeId place, NodeId folder) {
  std::vector<NodeId> open{folder};
  while (!open.empty()) {
    NodeId at = open.back();
    open.pop_back();
    for (const Below& each : below(tx, at)) {
      if (each.grants == 0) {
        internal::discard(tx, place, *internal::by_id(tx, each.id));
      } else if (access::grants_on(tx, each.id).empty()) {
        open.push_back(each.id);
      }
    }
  }
}

}  // namespace

int end_holdings(store::WriteTx& tx, int count) {
  int done = 0;
  for (const Held& each : held(tx)) {
    if (done == count || tx.now().ms - each.since.ms < kHoldingLife.count()) break;
    if (auto bin = internal::bin_of(tx, each.root)) internal::discard(tx, each.root, *bin);
    prune(tx, each.root, each.root);
    // What is still there is shared: the space goes on keeping it.
    tx.execute(R"sql(UPDATE place SET kind = 5 WHERE root = ?)sql", each.root);
    auto root = internal::by_id(tx, each.root);
    CHECK(root);
    if (root->grants == 0) drop_place(tx, *root);
    ++done;
  }
  return done;
}

}  // namespace essaim::files
