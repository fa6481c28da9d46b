#include <algorithm>

#include "base/core/check.h"
#include "features/files/change.h"
#include "features/files/internal/bin.h"
#include "features/files/internal/room.h"
#include "features/files/internal/settle.h"
#include "features/files/internal/tell.h"
#include "features/files/locks.h"
#include "features/files/quota.h"
#include "features/files/reach.h"

namespace essaim::files {

namespace {

// What lay in a folder that is gone from its owner's home, or from view.
void settle(store::WriteTx& tx, const Node& node, NodeId old_place, Seq seq) {
  if (node.is_folder()) internal::rehang(tx, old_place, seq);
  internal::settle_moved(tx, node, seq);
}

}  // namespace

Result<void> remove(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                    const Path& path) {
  if (path.empty()) return fail(Code::forbidden, "the root of a place stays");
  auto seen = TRY(find(tx, caller, place, path));
  if (seen.standing.mount_root) {
    if (seen.standing.via == Via::place) return fail(Code::forbidden, "the root of a place stays");
    return leave(tx, caller, seen.id);
  }
  if (!seen.standing.rights.remove) return fail(Code::forbidden, "no right");
  TRY_VOID(check_locks_below(tx, caller, seen.id));
  TRY_VOID(check_locks(tx, caller, seen.parent));
  Seq seq = journal::append(tx, seen.id, journal::Op::deleted);
  internal::tell(tx, notices::Type::file_deleted, caller, seen);
  internal::to_bin(tx, caller, seen.standing.place, seen, seq);
  settle(tx, seen, seen.standing.place, seq);
  return {};
}

namespace {

struct Way {
  Node node;
  internal::Spot spot;
  bool elsewhere = false;  // into another place
};

// Renaming asks for less than taking something out of a folder.
Result<void> check_rights(const Way& way) {
  const access::Rights& have = way.node.standing.rights;
  const Node& folder = way.spot.parent;
  if (way.node.parent == folder.id) {
    if (!have.write) return fail(Code::forbidden, "no right to rename");
  } else if (!have.remove || !folder.standing.rights.create) {
    return fail(Code::forbidden, "no right to move");
  }
  if (!way.spot.existing) return {};
  if (way.spot.existing->standing.mount_root) return fail(Code::forbidden, "a mount is there");
  if (!way.spot.existing->standing.rights.remove)
    return fail(Code::forbidden, "no right to replace");
  return {};
}

Result<Way> way_of(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                   const Path& from, const Path& to, Overwrite overwrite) {
  if (from.empty()) return fail(Code::forbidden, "the root of a place stays");
  auto node = TRY(find(tx, caller, place, from));
  if (to.size() >= from.size() && std::equal(from.begin(), from.end(), to.begin())) {
    return fail(Code::forbidden, "onto itself or below itself");
  }
  auto spot = TRY(internal::spot(tx, caller, place, to));
  if (spot.existing && overwrite == Overwrite::no) return fail(Code::exists, "target exists");
  bool elsewhere = node.standing.place != spot.parent.standing.place;
  return Way{std::move(node), std::move(spot), elsewhere};
}

Result<Changed> move_mounted(store::WriteTx& tx, const access::Caller& caller,
                             const access::Place& place, const Way& way, const Path& to) {
  if (way.node.standing.via == Via::place)
    return fail(Code::forbidden, "the root of a place stays");
  if (way.spot.parent.standing.place != caller.home || way.spot.existing) {
    return fail(Code::forbidden, "a mount moves within the home alone");
  }
  Seq seq = journal::append(tx, way.node.id, journal::Op::moved);
  internal::move_mount(tx, caller, way.node, way.spot.parent, way.spot.name, seq);
  return Changed{TRY(find(tx, caller, place, to)), Outcome::created};
}

// The room of whoever owns the place it comes into.
Result<void> check_room_there(store::WriteTx& tx, const Way& way) {
  if (!way.elsewhere) return {};
  NodeId place = way.spot.parent.standing.place;
  auto whole = internal::whole(way.node);
  return internal::check_limit(tx, place, whole.bytes + whole.kept);
}

}  // namespace

Result<Changed> move(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                     const Path& from, const Path& to, Overwrite overwrite) {
  auto way = TRY(way_of(tx, caller, place, from, to, overwrite));
  if (way.node.standing.mount_root) return move_mounted(tx, caller, place, way, to);
  TRY_VOID(check_rights(way));
  auto& [node, spot, elsewhere] = way;
  TRY_VOID(check_locks_below(tx, caller, node.id));
  TRY_VOID(check_locks(tx, caller, node.parent));
  TRY_VOID(check_locks(tx, caller, spot.parent.id));
  if (spot.existing) TRY_VOID(check_locks_below(tx, caller, spot.existing->id));
  TRY_VOID(check_room_there(tx, way));
  internal::end_locks(tx, node.id);  // a lock stays with its URL (RFC 4918 §7.6)
  Seq seq = journal::append(tx, node.id, journal::Op::moved);
  if (spot.existing) {
    // A folder cannot replace one of its own ancestors: it would take itself away.
    if (from.size() > to.size() && std::equal(to.begin(), to.end(), from.begin())) {
      return fail(Code::forbidden, "onto a folder it is in");
    }
    internal::to_bin(tx, caller, spot.existing->standing.place, *spot.existing, seq);
    settle(tx, *spot.existing, spot.existing->standing.place, seq);
  } else if (spot.parent.id != node.parent) {
    TRY_VOID(internal::check_room(tx, spot.parent.id));
  }
  // A node keeps its own etag, and so does everything below: clients recognise a move by id and
  // etag.
  tx.execute(R"sql(UPDATE node SET parent_id = ?, name = ?, own_seq = ? WHERE id = ?)sql",
             spot.parent.id, spot.name, seq, node.id);
  internal::touch_up(tx, node.parent, seq, internal::without(node));
  internal::touch_up(tx, spot.parent.id, seq, internal::whole(node));
  if (elsewhere) {
    internal::add_usage(tx, node.standing.place, internal::without(node));
    internal::add_usage(tx, spot.parent.standing.place, internal::whole(node));
    settle(tx, node, node.standing.place, seq);
  } else if (spot.parent.id != node.parent) {
    internal::settle_moved(tx, node, seq);
  }
  auto moved = internal::by_id(tx, node.id);
  CHECK(moved);
  internal::tell(tx, notices::Type::file_moved, caller, *moved, node.name);
  internal::stand_like(*moved, spot.parent, true);
  internal::raise_seq(tx, caller, *moved);
  return Changed{std::move(*moved), spot.existing ? Outcome::replaced : Outcome::created};
}

}  // namespace essaim::files
