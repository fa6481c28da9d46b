#include <algorithm>

#include "base/core/check.h"
#include "features/files/change.h"
#include "features/files/internal/content.h"
#include "features/files/internal/room.h"
#include "features/files/internal/tell.h"
#include "features/files/internal/view.h"
#include "features/files/locks.h"

namespace essaim::files {

namespace {

// CLIENT: the desktop refuses to sync files whose time is not after 1970.
std::int64_t syncable(std::int64_t seconds) {
  return std::max<std::int64_t>(seconds, 1);
}

NodeId insert_file(store::WriteTx& tx, const access::Caller& caller, const internal::Spot& spot,
                   const NewContent& content) {
  std::int64_t now = tx.now().seconds();
  tx.execute(R"sql(
    INSERT INTO node(parent_id, name, kind, size, mtime, created, uploaded, seq, own_seq, blob,
                     checksum, author)
    VALUES (?, ?, 2, ?, ?, ?, ?, 0, 0, ?, ?, ?))sql",
             spot.parent.id, spot.name, content.blob.size(), syncable(content.mtime.value_or(now)),
             content.created.value_or(0), now, content.blob.sha256(), content.checksum,
             caller.member);
  return NodeId{tx.last_insert_rowid()};
}

}  // namespace

Result<Changed> put(store::WriteTx& tx, blobs::Store& blobs, const access::Caller& caller,
                    const access::Place& place, const Path& path, const NewContent& content) {
  auto spot = TRY(internal::spot(tx, caller, place, path));
  bool fresh = !spot.existing;
  if (fresh ? !spot.parent.standing.rights.create : !spot.existing->standing.rights.write)
    return fail(Code::forbidden, "no right");
  if (!fresh && spot.existing->is_folder()) return fail(Code::wrong_kind, "a folder is there");
  TRY_VOID(check_locks(tx, caller, fresh ? spot.parent.id : spot.existing->id));
  NodeId id;
  if (fresh) {
    NodeId root = spot.parent.standing.place;
    TRY_VOID(internal::make_room(tx, blobs, root, content.blob.size()));
    TRY_VOID(internal::check_room(tx, spot.parent.id));
    blobs.add_ref(tx, content.blob);
    // The number is taken after the row exists, so that the log can name it.
    id = insert_file(tx, caller, spot, content);
    Seq seq = journal::append(tx, id, journal::Op::created);
    tx.execute(R"sql(UPDATE node SET seq = ?1, own_seq = ?1 WHERE id = ?2)sql", seq, id);
    internal::Delta delta{content.blob.size(), 1, 0};
    internal::touch_up(tx, spot.parent.id, seq, delta);
    internal::add_usage(tx, root, delta);
  } else {
    id = spot.existing->id;
    blobs.add_ref(tx, content.blob);
    internal::Content now{content.blob.sha256(),
                          content.blob.size(),
                          syncable(content.mtime.value_or(tx.now().seconds())),
                          content.created,
                          content.checksum,
                          caller.member};
    TRY_VOID(internal::replace_content(tx, blobs, *spot.existing, now));
  }
  auto node = internal::by_id(tx, id);
  CHECK(node);
  internal::tell(tx, fresh ? notices::Type::file_created : notices::Type::file_changed, caller,
                 *node);
  internal::stand_like(*node, fresh ? spot.parent : *spot.existing, fresh);
  return Changed{std::move(*node), fresh ? Outcome::created : Outcome::replaced};
}

Result<Node> make_folder(store::WriteTx& tx, const access::Caller& caller,
                         const access::Place& place, const Path& path) {
  if (path.empty()) return fail(Code::exists, "the root exists");
  auto spot = TRY(internal::spot(tx, caller, place, path));
  if (spot.existing) return fail(Code::exists, "something is there");
  if (!spot.parent.standing.rights.create) return fail(Code::forbidden, "no right");
  TRY_VOID(check_locks(tx, caller, spot.parent.id));
  TRY_VOID(internal::check_room(tx, spot.parent.id));
  NodeId id = internal::insert_folder(tx, spot.parent.id, spot.name);
  auto node = internal::by_id(tx, id);
  CHECK(node);
  internal::tell(tx, notices::Type::file_created, caller, *node);
  internal::stand_like(*node, spot.parent, true);
  return std::move(*node);
}

void set_favorite(store::WriteTx& tx, const access::Caller& caller, NodeId node, bool favorite) {
  if (favorite) {
    tx.execute(R"sql(INSERT OR IGNORE INTO favorite(member_id, node_id) VALUES (?, ?))sql",
               caller.member, node);
  } else {
    tx.execute(R"sql(DELETE FROM favorite WHERE member_id = ? AND node_id = ?)sql", caller.member,
               node);
  }
}

Result<void> set_mtime(store::WriteTx& tx, const Node& seen, std::int64_t mtime) {
  if (!seen.standing.rights.write) return fail(Code::forbidden, "no right");
  NodeId node = seen.id;
  auto found = internal::by_id(tx, node);
  if (!found) return fail(Code::not_found, "no such node");
  Seq seq = journal::append(tx, node, journal::Op::properties);
  internal::touch_up(tx, found->is_folder() ? node : found->parent, seq, {});
  tx.execute(R"sql(UPDATE node SET mtime = ?1, seq = ?2, own_seq = ?2 WHERE id = ?3)sql",
             syncable(mtime), seq, node);
  return {};
}

void set_created(store::WriteTx& tx, NodeId node, std::int64_t created) {
  tx.execute(R"sql(UPDATE node SET created = ? WHERE id = ?)sql",
             std::max<std::int64_t>(created, 0), node);
}

}  // namespace essaim::files
