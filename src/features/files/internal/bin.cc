#include "features/files/internal/bin.h"

#include "base/core/check.h"
#include "features/files/internal/view.h"
#include "features/files/places.h"

namespace essaim::files::internal {

namespace {

constexpr NodeId kEverything{1};

std::string bin_name(NodeId place) {
  return std::string(kBinPrefix) + std::to_string(place.value);
}

// "plan.txt.d1700000000", as clients know what is in a bin; with the id inside when that name was
// given in the same second.
// In the bins of the places of the space it always has the id: a person looks into several bins at
// once.
std::string name_in_bin(store::ReadTx& tx, NodeId bin, NodeId place, const Node& node) {
  std::string when = ".d" + std::to_string(tx.now().seconds());
  std::string name = node.name + when;
  auto of = place_of(tx, place);
  bool own = of && of->kind == PlaceKind::home;
  if (own && !child(tx, bin, name)) return name;
  return node.name + "." + std::to_string(node.id.value) + when;
}

}  // namespace

std::string joined(const Path& path) {
  std::string out;
  for (const std::string& name : path) {
    if (!out.empty()) out += '/';
    out += name;
  }
  return out;
}

Path split(std::string_view joined) {
  Path out;
  while (!joined.empty()) {
    auto end = joined.find('/');
    out.emplace_back(joined.substr(0, end));
    joined = end == std::string_view::npos ? std::string_view() : joined.substr(end + 1);
  }
  return out;
}

std::optional<Node> bin_of(store::ReadTx& tx, NodeId place) {
  return child(tx, kEverything, bin_name(place));
}

void to_bin(store::WriteTx& tx, const access::Caller& caller, NodeId place, const Node& node,
            Seq seq) {
  end_locks(tx, node.id);
  Path path = locate(tx, node.id).path;
  auto folder = bin_of(tx, place);
  NodeId bin = folder ? folder->id : insert_folder(tx, kEverything, bin_name(place));
  tx.execute(R"sql(UPDATE node SET parent_id = ?, name = ?, own_seq = ? WHERE id = ?)sql", bin,
             name_in_bin(tx, bin, place, node), seq, node.id);
  tx.execute(R"sql(
    INSERT INTO trash(node_id, bin, origin_path, origin_parent, deleted_at, deleted_by)
    VALUES (?, ?, ?, ?, ?, ?))sql",
             node.id, bin, joined(path), node.parent, tx.now().ms, caller.member);
  touch_up(tx, node.parent, seq, without(node));
  count_up(tx, bin, whole(node));
}

void discard(store::WriteTx& tx, NodeId place, const Node& node) {
  add_usage(tx, place, without(node));
  tx.execute(R"sql(DELETE FROM trash WHERE node_id = ?)sql", node.id);
  to_purge(tx, node);
}

void to_purge(store::WriteTx& tx, const Node& node) {
  count_up(tx, node.parent, without(node));
  // The purge folder counts nothing, so the node may keep its own counts.
  tx.execute(R"sql(UPDATE node SET parent_id = ?, name = ? WHERE id = ?)sql", kPurge,
             std::to_string(node.id.value), node.id);
}

}  // namespace essaim::files::internal
