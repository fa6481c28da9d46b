#include <algorithm>

#include "base/core/check.h"
#include "features/files/change.h"
#include "features/files/internal/bin.h"
#include "features/files/locks.h"

namespace essaim::files {

Result<void> remove(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                    const Path& path) {
  if (path.empty()) return fail(Code::forbidden, "the root of a place stays");
  auto node = TRY(find(tx, caller, place, path));
  if (!place.rights.remove) return fail(Code::forbidden, "no right");
  TRY_VOID(check_locks_below(tx, caller, node.id));
  TRY_VOID(check_locks(tx, caller, node.parent));
  Seq seq = journal::append(tx, node.id, journal::Op::deleted);
  internal::to_bin(tx, caller, place.root, node, path, seq);
  return {};
}

Result<Changed> move(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                     const Path& from, const Path& to, Overwrite overwrite) {
  if (from.empty()) return fail(Code::forbidden, "the root of a place stays");
  auto node = TRY(find(tx, caller, place, from));
  if (!place.rights.move) return fail(Code::forbidden, "no right");
  if (to.size() >= from.size() && std::equal(from.begin(), from.end(), to.begin())) {
    return fail(Code::forbidden, "onto itself or below itself");
  }
  auto spot = TRY(internal::spot(tx, caller, place, to));
  if (spot.existing && overwrite == Overwrite::no) return fail(Code::exists, "target exists");
  TRY_VOID(check_locks_below(tx, caller, node.id));
  TRY_VOID(check_locks(tx, caller, node.parent));
  TRY_VOID(check_locks(tx, caller, spot.parent.id));
  if (spot.existing) TRY_VOID(check_locks_below(tx, caller, spot.existing->id));
  internal::end_locks(tx, node.id);  // a lock stays with its URL (RFC 4918 §7.6)
  Seq seq = journal::append(tx, node.id, journal::Op::moved);
  if (spot.existing) {
    // A folder cannot replace one of its own ancestors: it would take itself away.
    if (from.size() > to.size() && std::equal(to.begin(), to.end(), from.begin())) {
      return fail(Code::forbidden, "onto a folder it is in");
    }
    internal::to_bin(tx, caller, place.root, *spot.existing, to, seq);
  } else if (spot.parent.id != node.parent) {
    TRY_VOID(internal::check_room(tx, spot.parent.id));
  }
  // A node keeps its own etag, and so does everything below: clients recognise a move by id and
  // etag.
  tx.execute(R"sql(UPDATE node SET parent_id = ?, name = ?, own_seq = ? WHERE id = ?)sql",
             spot.parent.id, spot.name, seq, node.id);
  internal::touch_up(tx, node.parent, seq, internal::without(node));
  internal::touch_up(tx, spot.parent.id, seq, internal::whole(node));
  auto moved = internal::by_id(tx, node.id);
  CHECK(moved);
  return Changed{std::move(*moved), spot.existing ? Outcome::replaced : Outcome::created};
}

}  // namespace essaim::files
