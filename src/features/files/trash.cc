#include "features/files/trash.h"

#include <algorithm>
#include <unordered_map>

#include "base/core/check.h"
#include "base/text/text.h"
#include "features/files/internal/bin.h"
#include "features/files/internal/room.h"
#include "features/files/locks.h"
#include "features/files/quota.h"
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

// A child of something that is in the bin.
Binned below(const Binned& folder, Node node) {
  Binned out = folder;
  out.bin_name = node.name;
  out.origin += "/" + node.name;
  out.origin_parent = {};
  out.node = std::move(node);
  return out;
}

// "plan.txt" → "plan (restored).txt", "plan (restored 2).txt", no longer than a name may be.
std::string restored_name(const std::string& name, int number) {
  auto dot = name.rfind('.');
  if (dot == 0 || dot == std::string::npos) dot = name.size();
  std::string mark = number == 1 ? " (restored)" : " (restored " + std::to_string(number) + ")";
  std::string ending = name.substr(dot);
  if (ending.size() + mark.size() >= kNameMax) return {};
  std::size_t room = kNameMax - ending.size() - mark.size();
  std::size_t cut = std::min(dot, room);
  // Not in the middle of a character.
  while (cut > 0 && cut < dot && (static_cast<unsigned char>(name[cut]) & 0xC0) == 0x80) --cut;
  return name.substr(0, cut) + mark + ending;
}

Result<std::string> free_name(store::ReadTx& tx, NodeId folder, const std::string& name) {
  std::string out = name;
  for (int number = 1; internal::child(tx, folder, out); ++number) {
    if (number > kRestoredNamesMax) return fail(Code::exists, "all names are taken");
    out = restored_name(name, number);
    if (out.empty()) return fail(Code::exists, "the name is taken and too long for another");
  }
  return out;
}

// The folder a path led to, made again where it is missing. What became a file meanwhile is left
// alone, and a folder of another name made beside it.
Result<NodeId> folder_again(store::WriteTx& tx, NodeId root, const Path& path) {
  NodeId at = root;
  for (const std::string& name : path) {
    auto there = internal::child(tx, at, name);
    if (there && there->is_folder()) {
      at = there->id;
      continue;
    }
    std::string made = name;
    if (there) {
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

Result<NodeId> folder_for(store::WriteTx& tx, const access::Place& place, const Binned& binned) {
  if (binned.origin_parent) {
    internal::Top top = internal::top_of(tx, binned.origin_parent);
    if (top.kind == internal::Top::Kind::place && top.place == place.root) {
      return binned.origin_parent;
    }
  }
  Path path = internal::split(binned.origin);
  path.pop_back();
  return folder_again(tx, place.root, path);
}

}  // namespace

Result<Binned> find_binned(store::ReadTx& tx, const access::Caller&, const access::Place& place,
                           const Path& path) {
  auto bin = place.rights.read ? internal::bin_of(tx, place.root) : std::nullopt;
  auto node = bin && !path.empty() ? internal::child(tx, bin->id, path.front()) : std::nullopt;
  if (!node) return fail(Code::not_found, "not in the bin");
  Binned out;
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

Result<std::vector<Binned>> list_bin(store::ReadTx& tx, const access::Caller& caller,
                                     const access::Place& place) {
  if (!place.rights.read) return fail(Code::not_found, "place not readable");
  std::vector<Binned> out;
  auto bin = internal::bin_of(tx, place.root);
  if (!bin) return out;
  auto nodes = children(tx, caller, bin->id);
  std::unordered_map<std::int64_t, Node*> by_id;
  for (Node& node : nodes) by_id[node.id.value] = &node;
  out.reserve(nodes.size());
  std::vector<MemberId> deleters;
  {
    auto rows = tx.query(R"sql(
      SELECT node_id, origin_path, origin_parent, deleted_at, deleted_by FROM trash
      WHERE bin = ? ORDER BY deleted_at DESC, node_id DESC LIMIT ?)sql",
                         bin->id, kChildrenMax);
    while (rows.next()) {
      auto found = by_id.find(rows.int64(0));
      if (found == by_id.end()) continue;
      Binned& binned = out.emplace_back();
      binned.node = std::move(*found->second);
      binned.bin_name = std::move(binned.node.name);
      binned.origin = rows.text(1);
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
  return out;
}

std::vector<Binned> list_binned(store::ReadTx& tx, const access::Caller& caller,
                                const Binned& folder) {
  std::vector<Binned> out;
  for (Node& node : children(tx, caller, folder.node.id)) {
    out.push_back(below(folder, std::move(node)));
  }
  return out;
}

Result<Node> find_binned_by_id(store::ReadTx& tx, const access::Place& place, NodeId id) {
  internal::Top top = internal::top_of(tx, id);
  bool here = top.kind == internal::Top::Kind::bin && top.place == place.root;
  auto node = here && place.rights.read ? internal::by_id(tx, id) : std::nullopt;
  if (!node) return fail(Code::not_found, "not in the bin");
  return std::move(*node);
}

Result<Node> restore(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                     const Path& path) {
  auto binned = TRY(find_binned(tx, caller, place, path));
  if (!place.rights.create) return fail(Code::forbidden, "no right");
  // It is counted already, but as something that goes when its room is needed.
  TRY_VOID(check_quota(tx, caller, place, binned.node.size));
  NodeId folder = TRY(folder_for(tx, place, binned));
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
  auto node = internal::by_id(tx, binned.node.id);
  CHECK(node);
  return std::move(*node);
}

Result<void> remove_binned(store::WriteTx& tx, const access::Caller& caller,
                           const access::Place& place, const Path& path) {
  auto binned = TRY(find_binned(tx, caller, place, path));
  if (!place.rights.remove) return fail(Code::forbidden, "no right");
  if (!binned.origin_parent) {
    // The deleted folder it was in is another one now, should it ever come back.
    Seq seq = journal::append(tx, binned.node.id, journal::Op::deleted);
    internal::touch_up(tx, binned.node.parent, seq, {});
  }
  internal::discard(tx, place.root, binned.node);
  return {};
}

Result<void> empty_bin(store::WriteTx& tx, const access::Place& place) {
  if (!place.rights.remove) return fail(Code::forbidden, "no right");
  // The folder goes with all it holds; the next deletion makes another.
  if (auto bin = internal::bin_of(tx, place.root)) internal::discard(tx, place.root, *bin);
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
