#include "features/files/trash.h"

#include <algorithm>
#include <unordered_map>

#include "base/core/check.h"
#include "base/text/text.h"
#include "features/files/internal/bin.h"
#include "features/files/internal/room.h"
#include "features/files/internal/settle.h"
#include "features/files/internal/tell.h"
#include "features/files/locks.h"
#include "features/files/places.h"
#include "features/files/quota.h"
#include "features/files/reach.h"
#include "space/store/space.h"

namespace essaim::files {

namespace {

void name_deleter(store::ReadTx& tx, MemberId member, Binned& binned) {
  if (!member) return;
  auto found = members::find(tx, member);
  if (!found) return;
  binned.deleted_by = found->uid;
  binned.deleted_by_display = found->display;
}

std::string last_name(const std::string& origin) {
  auto slash = origin.rfind('/');
  return slash == std::string::npos ? origin : origin.substr(slash + 1);
}

// The bin of a place that the caller may look into.
struct Bin {
  Node folder;
  std::string under;
};

// Their own first.
std::vector<Bin> bins_of(store::ReadTx& tx, const access::Caller& caller,
                         const access::Place& place) {
  std::vector<Bin> out;
  auto add = [&](NodeId root, const access::Rights& rights, std::string under) {
    auto folder = rights.read ? internal::bin_of(tx, root) : std::nullopt;
    if (!folder) return;
    folder->standing.rights = rights;
    folder->standing.place = root;
    out.push_back({std::move(*folder), std::move(under)});
  };
  add(caller.home, access::home_rights(caller.role), "");
  for (const Mounted& each : mounted(tx, caller, place)) {
    if (place_of(tx, each.node)) {
      add(each.node, access::granted(tx, caller, each.node).rights,
          internal::joined(each.path) + "/");
    }
  }
  return out;
}

// A child of something that is in the bin.
Binned below(const Binned& folder, Node node) {
  internal::stand_below(node, folder.node, {});
  Binned out = folder;
  out.bin_name = node.name;
  out.origin += "/" + node.name;
  out.origin_parent = {};
  out.node = std::move(node);
  return out;
}

// "plan.txt" → "plan (restored).txt", "plan (restored 2).txt", no longer than a name may be.
std::string restored_name(const std::string& name, int number) {
  return internal::numbered_name(
      name, number == 1 ? " (restored)" : " (restored " + std::to_string(number) + ")");
}

Result<std::string> free_name(store::ReadTx& tx, NodeId folder, const std::string& name) {
  std::string out = name;
  for (int number = 1; internal::child(tx, folder, out) || internal::mounted_name(tx, folder, out);
       ++number) {
    if (number > kRestoredNamesMax) return fail(Code::exists, "all names are taken");
    out = restored_name(name, number);
    if (out.empty()) return fail(Code::exists, "the name is taken and too long for another");
  }
  return out;
}

// The folder a path led to, made again where it is missing. What became a file meanwhile, or a
// mount, is left alone, and a folder of another name made beside it.
Result<NodeId> folder_again(store::WriteTx& tx, NodeId root, const Path& path) {
  NodeId at = root;
  for (const std::string& name : path) {
    auto there = internal::child(tx, at, name);
    if (there && there->is_folder()) {
      at = there->id;
      continue;
    }
    std::string made = name;
    if (there || internal::mounted_name(tx, at, name)) {
      std::string other = restored_name(name, 1);
      auto again = internal::child(tx, at, other);
      if (again && again->is_folder()) {
        at = again->id;
        continue;
      }
      made = TRY(free_name(tx, at, name));
    }
    TRY_VOID(internal::check_room(tx, at));
    at = internal::insert_folder(tx, at, made);
  }
  return at;
}

Result<NodeId> folder_for(store::WriteTx& tx, const Binned& binned) {
  NodeId root = binned.node.standing.place;
  if (binned.origin_parent) {
    internal::Top top = internal::top_of(tx, binned.origin_parent);
    if (top.kind == internal::Top::Kind::place && top.place == root) {
      return binned.origin_parent;
    }
  }
  Path path = internal::split(binned.origin);
  path.pop_back();
  return folder_again(tx, root, path);
}

}  // namespace

Result<Binned> find_binned(store::ReadTx& tx, const access::Caller& caller,
                           const access::Place& place, const Path& path) {
  std::optional<Node> node;
  Binned out;
  for (Bin& bin : bins_of(tx, caller, place)) {
    if (node || path.empty()) break;
    node = internal::child(tx, bin.folder.id, path.front());
    if (!node) continue;
    internal::stand_below(*node, bin.folder, {});
    out.under = std::move(bin.under);
  }
  if (!node) return fail(Code::not_found, "not in the bin");
  MemberId by;
  {
    auto rows = tx.query(R"sql(
      SELECT origin_path, origin_parent, deleted_at, deleted_by FROM trash WHERE node_id = ?)sql",
                         node->id);
    CHECK(rows.next());
    out.origin = rows.text(0);
    out.origin_parent = {rows.int64(1)};
    out.deleted = rows.int64(2) / 1000;
    by = {rows.int64(3)};
  }
  name_deleter(tx, by, out);
  out.bin_name = node->name;
  out.node = std::move(*node);
  out.node.name = last_name(out.origin);
  for (auto name = path.begin() + 1; name != path.end(); ++name) {
    auto child = internal::child(tx, out.node.id, *name);
    if (!child) return fail(Code::not_found, "not in the deleted folder");
    out = below(out, std::move(*child));
  }
  return out;
}

namespace {

void list_one(store::ReadTx& tx, const access::Caller& caller, const Bin& bin,
              std::vector<Binned>& all) {
  std::vector<Binned> out;
  auto nodes = children(tx, caller, bin.folder);
  std::unordered_map<std::int64_t, Node*> by_id;
  for (Node& node : nodes) by_id[node.id.value] = &node;
  out.reserve(nodes.size());
  std::vector<MemberId> deleters;
  {
    auto rows = tx.query(R"sql(
      SELECT node_id, origin_path, origin_parent, deleted_at, deleted_by FROM trash
      WHERE bin = ? ORDER BY deleted_at DESC, node_id DESC LIMIT ?)sql",
                         bin.folder.id, kChildrenMax);
    while (rows.next()) {
      auto found = by_id.find(rows.int64(0));
      if (found == by_id.end()) continue;
      Binned& binned = out.emplace_back();
      binned.node = std::move(*found->second);
      binned.bin_name = std::move(binned.node.name);
      binned.origin = rows.text(1);
      binned.under = bin.under;
      binned.node.name = last_name(binned.origin);
      binned.origin_parent = {rows.int64(2)};
      binned.deleted = rows.int64(3) / 1000;
      deleters.push_back({rows.int64(4)});
    }
  }
  // Few people delete in one place: each is looked up once.
  std::unordered_map<std::int64_t, std::size_t> first;
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto [seen, fresh] = first.emplace(deleters[i].value, i);
    if (fresh) {
      name_deleter(tx, deleters[i], out[i]);
    } else {
      out[i].deleted_by = out[seen->second].deleted_by;
      out[i].deleted_by_display = out[seen->second].deleted_by_display;
    }
  }
  all.insert(all.end(), std::make_move_iterator(out.begin()), std::make_move_iterator(out.end()));
}

}  // namespace

Result<std::vector<Binned>> list_bin(store::ReadTx& tx, const access::Caller& caller,
                                     const access::Place& place) {
  std::vector<Binned> out;
  for (const Bin& bin : bins_of(tx, caller, place)) list_one(tx, caller, bin, out);
  return out;
}

std::vector<Binned> list_binned(store::ReadTx& tx, const access::Caller& caller,
                                const Binned& folder) {
  std::vector<Binned> out;
  for (Node& node : children(tx, caller, folder.node)) {
    out.push_back(below(folder, std::move(node)));
  }
  return out;
}

Result<Node> find_binned_by_id(store::ReadTx& tx, const access::Caller& caller,
                               const access::Place& place, NodeId id) {
  internal::Top top = internal::top_of(tx, id);
  for (const Bin& bin : bins_of(tx, caller, place)) {
    if (top.kind != internal::Top::Kind::bin || top.place != bin.folder.standing.place) continue;
    auto node = internal::by_id(tx, id);
    CHECK(node);
    internal::stand_below(*node, bin.folder, {});
    // Its name in the bin ends with a time, which says nothing of its kind.
    auto row = tx.query(R"sql(SELECT origin_path FROM trash WHERE node_id = ?)sql", id);
    if (row.next()) node->name = last_name(std::string(row.text(0)));
    return std::move(*node);
  }
  return fail(Code::not_found, "not in the bin");
}

Result<Node> restore(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                     const Path& path) {
  auto binned = TRY(find_binned(tx, caller, place, path));
  if (!binned.node.standing.rights.create) return fail(Code::forbidden, "no right");
  // It is counted already, but as something that goes when its room is needed.
  TRY_VOID(check_quota(tx, binned.node.standing.place, binned.node.size));
  NodeId folder = TRY(folder_for(tx, binned));
  TRY_VOID(check_locks(tx, caller, folder));
  std::string name = TRY(free_name(tx, folder, binned.node.name));
  TRY_VOID(internal::check_room(tx, folder));
  Seq seq = journal::append(tx, binned.node.id, journal::Op::restored);
  tx.execute(R"sql(DELETE FROM trash WHERE node_id = ?)sql", binned.node.id);
  tx.execute(R"sql(UPDATE node SET parent_id = ?, name = ?, own_seq = ? WHERE id = ?)sql", folder,
             name, seq, binned.node.id);
  // A deleted folder it was taken from is another one now, should it ever come back.
  internal::touch_up(tx, binned.node.parent, seq, internal::without(binned.node));
  internal::touch_up(tx, folder, seq, internal::whole(binned.node));
  internal::settle_moved(tx, binned.node, seq);
  auto node = internal::by_id(tx, binned.node.id);
  CHECK(node);
  internal::tell(tx, notices::Type::file_restored, caller, *node);
  node->standing = binned.node.standing;
  return std::move(*node);
}

namespace {

// Nobody but its managers may end for good what belongs to all.
bool may_end(const access::Caller& caller, const Node& node) {
  const auto& rights = node.standing.rights;
  return node.standing.place == caller.home ? rights.remove : rights.manage;
}

}  // namespace

Result<void> remove_binned(store::WriteTx& tx, const access::Caller& caller,
                           const access::Place& place, const Path& path) {
  auto binned = TRY(find_binned(tx, caller, place, path));
  if (!may_end(caller, binned.node)) return fail(Code::forbidden, "no right");
  if (!binned.origin_parent) {
    // The deleted folder it was in is another one now, should it ever come back.
    Seq seq = journal::append(tx, binned.node.id, journal::Op::deleted);
    internal::touch_up(tx, binned.node.parent, seq, {});
  }
  internal::discard(tx, binned.node.standing.place, binned.node);
  return {};
}

Result<void> empty_bin(store::WriteTx& tx, const access::Caller& caller) {
  if (!access::home_rights(caller.role).remove) return fail(Code::forbidden, "no right");
  // The folder goes with all it holds; the next deletion makes another.
  if (auto bin = internal::bin_of(tx, caller.home)) internal::discard(tx, caller.home, *bin);
  return {};
}

int expire_bins(store::WriteTx& tx, Duration age, int count) {
  std::vector<NodeId> old;
  {
    auto rows = tx.query(R"sql(
      SELECT trash.node_id FROM node AS folder JOIN trash ON trash.bin = folder.id
      WHERE folder.parent_id = 1 AND folder.name >= 'bin-' AND folder.name < 'bin.'
        AND trash.deleted_at < ? ORDER BY folder.name, trash.deleted_at LIMIT ?)sql",
                         tx.now().ms - age.count(), count);
    while (rows.next()) old.push_back({rows.int64(0)});
  }
  for (NodeId id : old) {
    auto node = internal::by_id(tx, id);
    CHECK(node);
    internal::discard(tx, internal::top_of(tx, id).place, *node);
  }
  return static_cast<int>(old.size());
}

int keep_room(store::WriteTx& tx, blobs::Store& blobs, int count) {
  ByteCount quota = store::quota(tx);
  ByteCount missing = quota / kRoomShare - (quota - used_by_space(tx));
  if (missing <= 0) return 0;
  return internal::let_oldest_go(tx, blobs, {}, missing, count).count;
}

}  // namespace essaim::files
